#!/bin/sh
# What `kubectl exec <gim-pod> -- ./entrypoint.sh -job Job_MigrateGIM -make-export-views` runs in the sandbox.
exec "$NODE" ./entrypoint.ts "$@"
