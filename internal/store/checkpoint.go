package store

import (
	"context"
	"time"
)

// fewCheckpoints has the writer of decisions move its write-ahead log into the file
// only where that has grown to 32 MB in spite of the sweeper.
const fewCheckpoints = "&_pragma=wal_autocheckpoint(8000)"

// sweepPause is how often the write-ahead log of decisions is moved into the file.
const sweepPause = 500 * time.Millisecond

// sweepDecisions moves the write-ahead log of decisions into the file beside the
// writer, a little at a time, so that no check waits for it. What it does not get
// to the writer does. It ends when the store is closed.
func (db *DB) sweepDecisions() {
	tick := time.NewTicker(sweepPause)
	defer tick.Stop()
	for {
		select {
		case <-db.closed:
			return
		case <-tick.C:
			db.sweep.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
		}
	}
}
