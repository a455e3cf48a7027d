package outbox_test

import (
	"context"
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestASilentReceiverIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	var silent atomic.Bool
	silent.Store(true)
	r := listening(t, func(w http.ResponseWriter, q *http.Request) {
		if silent.Load() {
			<-q.Context().Done()
		}
	})
	r.opts.Timeout, r.opts.Rest = 200*time.Millisecond, 300*time.Millisecond
	r.opts.Resolve = func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	w := r.webhook(t)
	for i, want := range []meibo.Attempt{{Unknown: true, Code: "NO_ANSWER"}, {Code: "RECEIVER_SILENT"}, {Code: "RECEIVER_SILENT"}} {
		if got := w.Send(t.Context(), r.letter()); !alike(got, want) {
			t.Errorf("attempt %d: got %+v, want %+v", i, got, want)
		}
	}
	if posts := len(r.got()); posts != 1 {
		t.Errorf("%d posts", posts)
	}
	silent.Store(false)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got := w.Send(t.Context(), r.letter())
		if got.Taken {
			break
		}
		if got.Code != "RECEIVER_SILENT" || time.Now().After(deadline) {
			t.Fatalf("got %+v", got)
		}
	}
}
