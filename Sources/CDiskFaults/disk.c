#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

df_disk *df_make(const char *vfs_name) {
  df_disk *disk = calloc(1, sizeof *disk);
  if (!disk) return NULL;
  pthread_mutex_init(&disk->lock, NULL);
  for (int i = 0; i < DF_DESCRIPTORS_MAX; i++) disk->descriptor_file[i] = -1;
  if (!df_register(disk, vfs_name)) {
    free(disk);
    return NULL;
  }
  return disk;
}

void df_free(df_disk *disk) {
  df_unregister(disk);
  for (size_t i = 0; i < disk->count; i++) free((void *)disk->entries[i].bytes);
  for (int32_t i = 0; i < disk->file_count; i++) free(disk->files[i].name);
  free(disk->entries);
  pthread_mutex_destroy(&disk->lock);
  free(disk);
}

void df_lock(df_disk *disk) { pthread_mutex_lock(&disk->lock); }
void df_unlock(df_disk *disk) { pthread_mutex_unlock(&disk->lock); }

// MARK: - The list

size_t df_count(df_disk *disk) {
  df_lock(disk);
  size_t count = disk->count;
  df_unlock(disk);
  return count;
}

df_entry df_at(df_disk *disk, size_t index) {
  df_lock(disk);
  df_entry entry = {DF_MARK, -1, 0, 0, NULL};
  if (index < disk->count) entry = disk->entries[index];
  df_unlock(disk);
  return entry;
}

const char *df_name(df_disk *disk, int32_t file) {
  return file >= 0 && file < disk->file_count ? disk->files[file].name : NULL;
}

int32_t df_file(df_disk *disk, const char *path, int64_t length) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  for (int32_t i = 0; i < disk->file_count; i++) {
    if (strcmp(disk->files[i].name, name) == 0) return i;
  }
  if (disk->file_count == DF_FILES_MAX) abort();
  disk->files[disk->file_count] = (df_named){strdup(name), length, 0, 0};
  return disk->file_count++;
}

void df_note(df_disk *disk, int32_t operation, int32_t file, int64_t offset, const void *bytes, int64_t count) {
  if (disk->count == disk->capacity) {
    disk->capacity = disk->capacity ? disk->capacity * 2 : 1024;
    disk->entries = realloc(disk->entries, disk->capacity * sizeof *disk->entries);
    if (!disk->entries) abort();
  }
  uint8_t *copy = NULL;
  if (bytes && count > 0) {
    copy = malloc((size_t)count);
    if (!copy) abort();
    memcpy(copy, bytes, (size_t)count);
  }
  disk->entries[disk->count++] = (df_entry){operation, file, offset, count, copy};
  if (file < 0) return;
  df_named *named = &disk->files[file];
  switch (operation) {
    case DF_CREATE:
      named->length = 0;
      named->is_new = 1;
      break;
    case DF_WRITE:
      if (offset + count > named->length) named->length = offset + count;
      break;
    case DF_TRUNCATE:
      named->length = offset;
      break;
    case DF_DELETE:
      named->length = 0;
      named->is_new = 0;
      break;
    default:
      break;
  }
}

static void note_sync(df_disk *disk, int32_t file) {
  df_note(disk, DF_SYNC, file, 0, NULL, 0);
  if (!disk->files[file].is_new) return;
  // As SQLite does for its logs, and the journal for its files.
  disk->files[file].is_new = 0;
  df_note(disk, DF_FOLDER_SYNC, -1, 0, NULL, 0);
}

void df_mark(df_disk *disk, int64_t number) {
  df_lock(disk);
  df_note(disk, DF_MARK, -1, number, NULL, 0);
  df_unlock(disk);
}

// MARK: - Faults

void df_fail(df_disk *disk, int32_t fault, int64_t after, int64_t count) {
  df_lock(disk);
  disk->fault = fault;
  disk->after = after;
  disk->left = count;
  disk->failures = 0;
  df_unlock(disk);
}

void df_release(df_disk *disk) { df_fail(disk, DF_SOUND, 0, 0); }

int64_t df_failures(df_disk *disk) {
  df_lock(disk);
  int64_t failures = disk->failures;
  df_unlock(disk);
  return failures;
}

static int concerns(df_disk *disk, int32_t operation, int32_t file, int64_t end) {
  switch (disk->fault) {
    case DF_FULL:
      return operation == DF_CREATE || (operation == DF_WRITE && end > disk->files[file].length);
    case DF_WRITE_ERROR:
    case DF_SHORT:
      return operation == DF_WRITE;
    case DF_SYNC_ERROR:
      return operation == DF_SYNC;
    case DF_READ_ONLY:
      return operation == DF_CREATE || operation == DF_WRITE || operation == DF_TRUNCATE || operation == DF_DELETE;
    default:
      return 0;
  }
}

int32_t df_meet(df_disk *disk, int32_t operation, int32_t file, int64_t end) {
  if (!concerns(disk, operation, file, end)) return DF_SOUND;
  if (disk->after > 0) {
    disk->after--;
    return DF_SOUND;
  }
  if (disk->left == 0) return DF_SOUND;
  if (disk->left > 0) disk->left--;
  disk->failures++;
  return disk->fault;
}

int32_t df_meet_sync(df_disk *disk, int32_t file, int64_t *told) {
  df_named *named = &disk->files[file];
  int32_t fault = df_meet(disk, DF_SYNC, file, 0);
  if (fault != DF_SOUND) named->failed_syncs++;
  if (*told != named->failed_syncs) fault = DF_SYNC_ERROR;
  *told = named->failed_syncs;
  if (fault == DF_SOUND) {
    note_sync(disk, file);
  } else {
    df_note(disk, DF_FAILED_SYNC, file, 0, NULL, 0);
  }
  return fault;
}

static int error_number(int32_t fault) {
  switch (fault) {
    case DF_FULL:
    case DF_SHORT:
      return ENOSPC;
    case DF_READ_ONLY:
      return EROFS;
    default:
      return EIO;
  }
}

// MARK: - The journal's calls

int df_open(df_disk *disk, const char *path, int flags, mode_t mode) {
  df_lock(disk);
  struct stat status;
  int is_there = stat(path, &status) == 0;
  int32_t file = df_file(disk, path, is_there ? status.st_size : 0);
  int descriptor = -1;
  int32_t fault = is_there ? DF_SOUND : df_meet(disk, DF_CREATE, file, 0);
  if (fault != DF_SOUND) {
    errno = error_number(fault);
  } else {
    descriptor = open(path, flags, mode);
    if (descriptor >= DF_DESCRIPTORS_MAX) abort();
    if (descriptor >= 0) {
      disk->descriptor_file[descriptor] = file;
      disk->descriptor_told[descriptor] = disk->files[file].failed_syncs;
      if (!is_there) df_note(disk, DF_CREATE, file, 0, NULL, 0);
    }
  }
  df_unlock(disk);
  return descriptor;
}

ssize_t df_write(df_disk *disk, int descriptor, const void *bytes, size_t count, int64_t offset) {
  df_lock(disk);
  int32_t file = disk->descriptor_file[descriptor];
  int32_t fault = df_meet(disk, DF_WRITE, file, offset + (int64_t)count);
  size_t wanted = fault == DF_SOUND ? count : fault == DF_SHORT ? count / 2 : 0;
  ssize_t written = -1;
  int error = error_number(fault);
  if (wanted > 0) {
    written = pwrite(descriptor, bytes, wanted, offset);
    error = errno;
    if (written > 0) df_note(disk, DF_WRITE, file, offset, bytes, written);
  }
  df_unlock(disk);
  errno = error;
  return written;
}

int df_truncate(df_disk *disk, int descriptor, int64_t length) {
  df_lock(disk);
  int32_t file = disk->descriptor_file[descriptor];
  int32_t fault = df_meet(disk, DF_TRUNCATE, file, 0);
  int code = fault == DF_SOUND ? ftruncate(descriptor, length) : -1;
  int error = fault == DF_SOUND ? errno : error_number(fault);
  if (code == 0) df_note(disk, DF_TRUNCATE, file, length, NULL, 0);
  df_unlock(disk);
  errno = error;
  return code;
}

int df_sync(df_disk *disk, int descriptor) {
  df_lock(disk);
  int32_t file = disk->descriptor_file[descriptor];
  int32_t fault = df_meet_sync(disk, file, &disk->descriptor_told[descriptor]);
  df_unlock(disk);
  errno = error_number(fault);
  return fault == DF_SOUND ? 0 : -1;
}
