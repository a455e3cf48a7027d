package rpc_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestHouse tries the doors of one house on each database.
func TestHouse(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		h := newHouse(t, url, house{})
		for _, c := range []struct {
			name string
			try  func(*testing.T, *house)
		}{
			{"rows tell lines apart", rows},
			{"a change says whom it names", named},
			{"no door says more than is registered", toldLess},
			{"every problem is told at once", everyProblem},
			{"another tenant reaches nothing", anotherTenant},
			{"the first tenant reaches its own", firstTenant},
		} {
			t.Run(c.name, func(t *testing.T) { c.try(t, h) })
		}
	})
}
