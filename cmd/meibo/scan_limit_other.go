//go:build !linux || race

package main

import (
	"os"
	"runtime"
	"time"
)

// limitMemory ends this process soon after it holds more than so many bytes, where
// the system cannot bound it: beside the race detector's own memory, say.
func limitMemory(bytes uint64) error {
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			var m runtime.MemStats
			if runtime.ReadMemStats(&m); m.HeapAlloc > bytes {
				os.Exit(exitFailed)
			}
		}
	}()
	return nil
}
