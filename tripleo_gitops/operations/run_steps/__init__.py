"""The steps of runs, by what they are about: each looks at what is there and does what is still to be done."""
