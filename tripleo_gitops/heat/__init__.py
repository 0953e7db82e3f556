"""What a plan means to Heat, as pure values: environments, parameter trees and their differences."""
