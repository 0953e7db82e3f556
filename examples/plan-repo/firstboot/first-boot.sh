#!/bin/sh
# What a node does at its first start; `timezone` is handed over by Heat.
set -eu
timedatectl set-timezone "${timezone:-UTC}"
