#!/bin/sh
# A line for every port of every host that is alive: those where nobody listens are found out by the checks.
set -e
next=/run/balancer/next.cfg
cp /etc/balancer/haproxy.head.cfg "$next"
serf members -status=alive -tag=role=predictor | while read -r name _address _status tags; do
  host=$(echo "$tags" | tr , '\n' | sed -n 's/^host=//p')
  ports=$(echo "$tags" | tr , '\n' | sed -n 's/^ports=//p')
  port=${ports%-*}
  while [ "$port" -le "${ports#*-}" ]; do
    echo "  server $name-$port $host:$port" >> "$next"
    port=$((port + 1))
  done
done
mv "$next" /run/balancer/haproxy.cfg
# The running requests end in the old process; new ones go to the new one.
kill -USR2 "$(cat /run/balancer/master)"
