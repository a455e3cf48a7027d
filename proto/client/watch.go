package client

import (
	"context"
	"time"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

const (
	// silence is after how long a watch that says nothing counts as broken. meibo
	// says something every second.
	silence = 3 * time.Second
	// The pauses before a watch that has broken is begun again.
	firstPause, longestPause = 50 * time.Millisecond, 2 * time.Second
)

// watch listens until ctx ends.
func (c *Client) watch(ctx context.Context) {
	defer close(c.watched)
	pause := firstPause
	for ctx.Err() == nil {
		if heard := c.listen(ctx); heard {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
}

// listen hears one stream to its end, and reports whether it said anything. What
// happened before its first word is not known.
func (c *Client) listen(ctx context.Context) (heard bool) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.cache.deaf()
	quiet := time.AfterFunc(silence, cancel)
	defer quiet.Stop()
	stream, err := c.access.WatchRevisions(ctx, &pb.WatchRevisionsRequest{})
	if err != nil {
		return false
	}
	for {
		m, err := stream.Recv()
		if err != nil {
			return heard
		}
		quiet.Reset(silence)
		m.Everybody = m.Everybody || !heard
		c.cache.hear(m)
		heard = true
	}
}

// hear takes away what the watch says was touched.
func (c *cache) hear(m *pb.WatchRevisionsResponse) {
	c.mu.Lock()
	defer c.mu.Unlock()
	other := m.Epoch != c.tide.epoch
	touched := map[string]bool{"": len(m.Touched) > 0} // a question without a contract may be about any
	for _, t := range m.Touched {
		touched[t.Contract] = true
	}
	for place := c.order.Front(); place != nil; {
		e, next := place.Value.(*entry), place.Next()
		if other || e.answer.Revision < m.Revision && (m.Everybody || touched[e.contract]) {
			c.drop(place)
		}
		place = next
	}
	c.tide.live, c.tide.epoch, c.tide.covered, c.tide.heard = true, m.Epoch, m.Revision, c.now()
	c.tide.seen = max(c.tide.seen, m.Revision)
}

// deaf says that the watch is heard no more.
func (c *cache) deaf() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tide.live = false
}
