#!/usr/bin/env bash
# Runs a command in a private network namespace: browsers and server reach each other and nothing else.
# Firefox finds no candidates without a default route and a non-loopback address, so there are both.
set -euo pipefail

if [ -z "${CONFAB_NAMESPACE:-}" ]; then
  flags=(--net)
  [ "$(id -u)" = 0 ] || flags+=(--user --map-root-user)
  CONFAB_NAMESPACE=1 exec unshare "${flags[@]}" "$0" "$@"
fi

ip link set lo up
ip link add eth0 type veth peer name peer0
# An IPv6 address of their own would be there only a second or two later, and Chromium gives up whatever it is loading when
# an address comes (ERR_NETWORK_CHANGED).
ip link set eth0 addrgenmode none
ip link set peer0 addrgenmode none
ip addr add 10.99.0.1/24 dev eth0
ip link set eth0 up
ip link set peer0 up
ip route add default via 10.99.0.254
exec "$@"
