package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestDecisionsAreSweptIntoTheirFile: long before the write-ahead log is so large
// that a check would have to move it.
func TestDecisionsAreSweptIntoTheirFile(t *testing.T) {
	url := meibotest.SQLite(t)
	db := begun(t, url)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := range 250 {
				if _, _, err := db.RecordDecision(context.Background(), decision(fmt.Sprintf("S%d-%d", n, i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	file := strings.TrimSuffix(url, ".db") + "-decisions.db"
	size := func(path string) int64 {
		info, err := os.Stat(path)
		must(t, err)
		return info.Size()
	}
	if n := size(file + "-wal"); n > 32<<20 {
		t.Errorf("the log has %d bytes", n)
	}
	for deadline := time.Now().Add(20 * time.Second); size(file) < 256<<10; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the file has only %d bytes", size(file))
		}
	}
}
