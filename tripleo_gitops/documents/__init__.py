"""What every domain package reads: plan trees and the YAML documents in them. Pure, no I/O."""
