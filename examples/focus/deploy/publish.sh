#!/bin/sh
# Plays the release: builds every service as 1.4.0, pushes it to a registry of yours, and names it in the task definition.
#   deploy/publish.sh localhost:5000
set -e
registry=${1:?which registry?}
cd "$(dirname "$0")/.."
for role in front transfers accounts notices; do
  docker build -q --build-arg "ROLE=$role" --build-arg RELEASE=1.4.0 -t "$registry/payments/$role:1.4.0" service
done
docker build -q --build-arg RELEASE=1.4.0 -t "$registry/payments/ledger:1.4.0" ledger
for role in front transfers accounts notices ledger; do
  docker push -q "$registry/payments/$role:1.4.0"
done
sed -i.before "s#registry.example.com#$registry#" deploy/task-definition.json && rm deploy/task-definition.json.before
