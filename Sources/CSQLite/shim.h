#include <sqlite3.h>
// statfs(2), which Swift's Glibc module leaves out: databases refuse network file systems by its f_type.
#include <sys/statfs.h>
