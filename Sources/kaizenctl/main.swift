// kaizenctl
