package client

import "time"

// KeyOf is the cache's key of a question.
var KeyOf = keyOf

// At lets a client's clock be told.
func (c *Client) At(now func() time.Time) { c.cache.now = now }

// Kept is how many allows a client keeps.
func (c *Client) Kept() int {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	return len(c.cache.entries)
}

// Covered is up to which revision the watch has told what was touched.
func (c *Client) Covered() int64 {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	return c.cache.tide.covered
}
