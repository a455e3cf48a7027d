//go:build linux && !race

package main

import "syscall"

// limitMemory bounds what this process may write to, in bytes. Beyond it the
// process ends.
func limitMemory(bytes uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: bytes, Max: bytes})
}
