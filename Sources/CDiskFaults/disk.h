#ifndef CDISKFAULTS_DISK_H
#define CDISKFAULTS_DISK_H

#include <pthread.h>
#include <sqlite3.h>

#include "CDiskFaults.h"

enum {
  // Two databases with their logs and rollback journals, two files of the journal, and some more.
  DF_FILES_MAX = 32,
  DF_DESCRIPTORS_MAX = 4096,
};

typedef struct {
  char *name;
  int64_t length;
  // Made, and its folder not synced since.
  int is_new;
  // Syncs that failed: each descriptor that was open then is told of it once, as Linux does (errseq_t).
  int64_t failed_syncs;
} df_named;

struct df_disk {
  // What was done and how it is listed must be in the same order, whatever thread does it.
  pthread_mutex_t lock;
  sqlite3_vfs vfs;
  sqlite3_vfs *system;
  df_entry *entries;
  size_t count, capacity;
  df_named files[DF_FILES_MAX];
  int32_t file_count;
  int32_t descriptor_file[DF_DESCRIPTORS_MAX];
  // Of its file's failed syncs, those that the descriptor has been told of.
  int64_t descriptor_told[DF_DESCRIPTORS_MAX];
  int32_t fault;
  int64_t after, left, failures;
};

void df_lock(df_disk *disk);
void df_unlock(df_disk *disk);

// All of these with the lock held.
int32_t df_file(df_disk *disk, const char *path, int64_t length);
void df_note(df_disk *disk, int32_t operation, int32_t file, int64_t offset, const void *bytes, int64_t count);
// Notes the sync or its failure, and returns the fault. `told`: of the file's failed syncs, those known to who asks.
int32_t df_meet_sync(df_disk *disk, int32_t file, int64_t *told);
// The fault that this operation meets, DF_SOUND for none.
int32_t df_meet(df_disk *disk, int32_t operation, int32_t file, int64_t end);

int df_register(df_disk *disk, const char *vfs_name);
void df_unregister(df_disk *disk);

#endif
