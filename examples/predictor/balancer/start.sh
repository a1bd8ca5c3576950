#!/bin/sh
# HAProxy with nobody behind it, and a Serf agent that rewrites its backends whenever the membership changes.
set -e
cp /etc/balancer/haproxy.head.cfg /run/balancer/haproxy.cfg
haproxy -W -db -p /run/balancer/haproxy.pid -f /run/balancer/haproxy.cfg &
echo $! > /run/balancer/master
exec serf agent -node=balancer -event-handler=member-join,member-leave,member-failed,member-reap=members.sh
