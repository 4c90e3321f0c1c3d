#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"

// SQLite's side: each call goes on to the system's VFS. Shared memory and locks are not listed, for a crash ends them;
// nor are temporary files.

typedef struct {
  sqlite3_file base;
  df_disk *disk;
  // -1: not listed.
  int32_t file;
  // Of its failed syncs, those that this open file has been told of.
  int64_t told;
  sqlite3_file *real;
} df_open_file;

static df_open_file *as_open(sqlite3_file *file) { return (df_open_file *)file; }
static sqlite3_file *real_of(sqlite3_file *file) { return as_open(file)->real; }

static int code_of(int32_t fault) {
  switch (fault) {
    case DF_FULL:
    case DF_SHORT:
      return SQLITE_FULL;
    case DF_READ_ONLY:
      return SQLITE_READONLY;
    default:
      return SQLITE_IOERR_WRITE;
  }
}

static int file_close(sqlite3_file *file) { return real_of(file)->pMethods->xClose(real_of(file)); }

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  df_open_file *open = as_open(file);
  if (open->file < 0) return open->real->pMethods->xWrite(open->real, bytes, count, offset);
  df_disk *disk = open->disk;
  df_lock(disk);
  int32_t fault = df_meet(disk, DF_WRITE, open->file, offset + count);
  int wanted = fault == DF_SOUND ? count : fault == DF_SHORT ? count / 2 : 0;
  int code = SQLITE_OK;
  if (wanted > 0) {
    code = open->real->pMethods->xWrite(open->real, bytes, wanted, offset);
    if (code == SQLITE_OK) df_note(disk, DF_WRITE, open->file, offset, bytes, wanted);
  }
  df_unlock(disk);
  return fault == DF_SOUND ? code : code_of(fault);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 length) {
  df_open_file *open = as_open(file);
  if (open->file < 0) return open->real->pMethods->xTruncate(open->real, length);
  df_lock(open->disk);
  int32_t fault = df_meet(open->disk, DF_TRUNCATE, open->file, 0);
  int code = fault == DF_SOUND ? open->real->pMethods->xTruncate(open->real, length) : SQLITE_IOERR_TRUNCATE;
  if (code == SQLITE_OK) df_note(open->disk, DF_TRUNCATE, open->file, length, NULL, 0);
  df_unlock(open->disk);
  return code;
}

static int file_sync(sqlite3_file *file, int flags) {
  df_open_file *open = as_open(file);
  if (open->file < 0) return open->real->pMethods->xSync(open->real, flags);
  df_lock(open->disk);
  int32_t fault = df_meet_sync(open->disk, open->file, &open->told);
  df_unlock(open->disk);
  return fault == DF_SOUND ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int file_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int file_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int file_reserved(sqlite3_file *file, int *is_reserved) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_reserved);
}
static int file_control(sqlite3_file *file, int operation, void *argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
static int file_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int file_characteristics(sqlite3_file *file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
static int file_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
  return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, memory);
}
static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
static void file_shm_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int file_shm_unmap(sqlite3_file *file, int delete) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

// Version 2: no memory mapping of the database, whose writes would go unlisted.
static const sqlite3_io_methods methods = {
  2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock, file_reserved,
  file_control, file_sector, file_characteristics, file_shm_map, file_shm_lock, file_shm_barrier, file_shm_unmap,
  NULL, NULL,
};

static df_disk *disk_of(sqlite3_vfs *vfs) { return vfs->pAppData; }

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out) {
  df_disk *disk = disk_of(vfs);
  df_open_file *open = as_open(file);
  const int listed = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
  memset(open, 0, sizeof *open);
  open->disk = disk;
  open->file = -1;
  open->real = (sqlite3_file *)(open + 1);
  memset(open->real, 0, (size_t)disk->system->szOsFile);
  if (!path || !(flags & listed)) {
    int code = disk->system->xOpen(disk->system, path, open->real, flags, out);
    open->base.pMethods = open->real->pMethods ? &methods : NULL;
    return code;
  }
  df_lock(disk);
  int is_there = access(path, F_OK) == 0;
  open->file = df_file(disk, path, 0);
  open->told = disk->files[open->file].failed_syncs;
  int32_t fault = is_there ? DF_SOUND : df_meet(disk, DF_CREATE, open->file, 0);
  int code = SQLITE_CANTOPEN;
  if (fault == DF_SOUND) code = disk->system->xOpen(disk->system, path, open->real, flags, out);
  if (code == SQLITE_OK) {
    sqlite3_int64 length = 0;
    open->real->pMethods->xFileSize(open->real, &length);
    disk->files[open->file].length = length;
    if (!is_there) df_note(disk, DF_CREATE, open->file, 0, NULL, 0);
  }
  df_unlock(disk);
  open->base.pMethods = open->real->pMethods ? &methods : NULL;
  return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
  df_disk *disk = disk_of(vfs);
  df_lock(disk);
  int32_t file = df_file(disk, path, 0);
  int32_t fault = df_meet(disk, DF_DELETE, file, 0);
  int code = fault == DF_SOUND ? disk->system->xDelete(disk->system, path, 0) : SQLITE_IOERR_DELETE;
  if (code == SQLITE_OK) {
    df_note(disk, DF_DELETE, file, 0, NULL, 0);
    if (sync_folder) df_note(disk, DF_FOLDER_SYNC, -1, 0, NULL, 0);
  }
  df_unlock(disk);
  return code;
}

int df_register(df_disk *disk, const char *vfs_name) {
  disk->system = sqlite3_vfs_find(NULL);
  if (!disk->system) return 0;
  disk->vfs = *disk->system;
  disk->vfs.pNext = NULL;
  disk->vfs.pAppData = disk;
  disk->vfs.zName = strdup(vfs_name);
  disk->vfs.szOsFile = (int)sizeof(df_open_file) + disk->system->szOsFile;
  disk->vfs.xOpen = vfs_open;
  disk->vfs.xDelete = vfs_delete;
  return disk->vfs.zName && sqlite3_vfs_register(&disk->vfs, 0) == SQLITE_OK;
}

void df_unregister(df_disk *disk) {
  sqlite3_vfs_unregister(&disk->vfs);
  free((void *)disk->vfs.zName);
}
