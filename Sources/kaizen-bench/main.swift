// kaizen-bench
