"""What Ansible plays for a plan: validations and what follows a deployment, on the hosts that there are."""
