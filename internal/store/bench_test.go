package store_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibotest"
)

// BenchmarkRecordDecision makes decisions durable for 64 who wait at once. Beside it
// one waits alone, who pays for a whole commit.
func BenchmarkRecordDecision(b *testing.B) {
	for _, url := range []struct{ name, url string }{{"SQLite", meibotest.SQLite(b)}, {"PostgreSQL", meibotest.Postgres(b)}} {
		db := begun(b, url.url)
		var n atomic.Int64
		one := func(b *testing.B) {
			if _, _, err := db.RecordDecision(context.Background(), decision(fmt.Sprintf("%s-%d", b.Name(), n.Add(1)))); err != nil {
				b.Error(err)
			}
		}
		b.Run(url.name+"/64", func(b *testing.B) {
			b.ReportAllocs()
			b.SetParallelism(32)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					one(b)
				}
			})
		})
		b.Run(url.name+"/1", func(b *testing.B) {
			for b.Loop() {
				one(b)
			}
		})
	}
}
