touch /tmp/ready
exec sleep 3600
