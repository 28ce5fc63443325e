#!/bin/sh
# Stands in for the services of a Redpoint Interaction v6 node: a process that does nothing, with a pid file. What is real is the way
# to it: OpenSSH, shells, exit codes, tar.
run=${RPI_NODE_HOME:?}/run
pid=$(cat "$run/pid" 2>/dev/null)

# A zombie that nobody has fetched yet has ended.
alive() {
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  [ ! -r "/proc/$pid/stat" ] || ! grep -q ') Z ' "/proc/$pid/stat"
}

[ "$1" = running ] || echo "$1" >>"$run/calls"
case $1 in
start)
  if alive; then exit 0; fi
  nohup sh -c 'while :; do sleep 1; done' >/dev/null 2>&1 </dev/null &
  echo $! >"$run/pid"
  ;;
stop)
  alive || exit 0
  [ -e "$run/refuses-to-stop" ] || kill "$pid"
  ;;
running)
  [ ! -e "$run/cannot-tell" ] || { echo "the service manager does not answer" >&2; exit 7; }
  alive
  ;;
enter)
  alive || { echo "no application to enter maintenance mode" >&2; exit 2; }
  : >"$run/maintenance"
  ;;
leave)
  rm -f "$run/maintenance"
  ;;
*)
  echo "usage: rpi-node start|stop|running|enter|leave" >&2
  exit 64
  ;;
esac
