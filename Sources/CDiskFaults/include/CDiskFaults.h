#ifndef CDISKFAULTS_H
#define CDISKFAULTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A disk that writes down what is done to it, and fails on request. For tests and measurements: no program of the
// service has it.
//
// SQLite reaches it through a VFS of its own name over the system's, the journal through the calls at the end. Everything
// is done to real files too, but for syncs: those are only written down. From the list any state that a crash can leave
// is made again without a crash.
typedef struct df_disk df_disk;

enum {
  DF_CREATE = 0,
  DF_WRITE = 1,
  DF_TRUNCATE = 2,
  // The file's bytes and length are on the disk now.
  DF_SYNC = 3,
  // The disk failed to say so; what was written since the last sync may be lost whatever a later one says, as Linux does.
  DF_FAILED_SYNC = 4,
  // Files created and deleted before are there and gone now.
  DF_FOLDER_SYNC = 5,
  DF_DELETE = 6,
  // Somebody outside noted a number here.
  DF_MARK = 7,
};

enum {
  DF_SOUND = 0,
  // Writes that would make a file longer fail, and new files.
  DF_FULL = 1,
  DF_WRITE_ERROR = 2,
  DF_SYNC_ERROR = 3,
  DF_READ_ONLY = 4,
  // Writes do half of what they should, and then fail.
  DF_SHORT = 5,
};

typedef struct {
  int32_t operation;
  // Number of the file's name; -1 for what belongs to none.
  int32_t file;
  // Where bytes were written, or the length cut to, or the number noted.
  int64_t offset;
  int64_t count;
  const uint8_t *bytes;
} df_entry;

// Registers a VFS of that name; NULL where it cannot be made.
df_disk *df_make(const char *vfs_name);
// Every connection and descriptor must be closed.
void df_free(df_disk *disk);

size_t df_count(df_disk *disk);
df_entry df_at(df_disk *disk, size_t index);
// The name without its folder; NULL past the last.
const char *df_name(df_disk *disk, int32_t file);
void df_mark(df_disk *disk, int64_t number);

// After `after` more operations that the fault concerns, `count` of them fail; all from then on where it is negative.
void df_fail(df_disk *disk, int32_t fault, int64_t after, int64_t count);
void df_release(df_disk *disk);
// Operations that have failed since `df_fail`.
int64_t df_failures(df_disk *disk);

// open(2), pwrite(2), ftruncate(2) and fdatasync(2), with errno.
int df_open(df_disk *disk, const char *path, int flags, mode_t mode);
ssize_t df_write(df_disk *disk, int descriptor, const void *bytes, size_t count, int64_t offset);
int df_truncate(df_disk *disk, int descriptor, int64_t length);
int df_sync(df_disk *disk, int descriptor);

#endif
