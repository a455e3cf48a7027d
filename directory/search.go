package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// query is a search. Every request is made anew from it, since the library adds to the one that it is given.
type query struct {
	base       string
	scope      int
	filter     string
	attributes []string
}

// answer is what came beside the entries of one request.
type answer struct {
	cookie     []byte // of the paging control: where the next page begins
	paged      bool   // there was a paging control
	referrals  []string
	entries    int
	references int
}

// found is an entry that arrived; emptied means that it was too large and has nothing but a DN.
type found struct {
	*ldap.Entry
	emptied bool
}

// pages reads a search page by page and hands on each entry as it comes, one at a time. It returns nil only with a
// proof: every page has ended with the server's success and a paging control, and as many entries were handed on as
// arrived. An error of each ends the read and is returned as it is; every other one is an [*Incomplete].
//
// The search is streamed, so that a page is never in memory as a whole. The streaming call of the library says nil when
// it is canceled, and when its connection was closed before: hence the proof. There is no request time-out in the
// library, with which it drops entries; the deadlines are the wire's.
func (c *session) pages(ctx context.Context, q query, size uint32, each func(found) error) (passage, error) {
	var all passage
	paging := ldap.ControlPaging{PagingSize: size}
	for {
		all.pages++
		doing := fmt.Sprintf("read page %d of %s", all.pages, q.base)
		a, err := c.page(ctx, doing, q, paging, each)
		all.referrals = append(all.referrals, a.referrals...)
		switch {
		case err != nil:
			return all, err
		case !a.paged:
			return all, &Incomplete{Code: CodePaging, Doing: doing}
		case len(all.referrals) > maxReferrals:
			return all, &Incomplete{Code: CodeReferral, Doing: doing, Err: errors.New("too many")}
		case len(a.cookie) == 0:
			return all, nil
		}
		paging.Cookie = a.cookie
	}
}

// passage is what came beside the entries of all pages.
type passage struct {
	pages     int
	referrals []string
}

// one reads a search that needs no paging.
func (c *session) one(ctx context.Context, doing string, q query, each func(found) error) (answer, error) {
	return c.page(ctx, doing, q, ldap.ControlPaging{}, each)
}

// page sends one request and reads its answer.
func (c *session) page(
	ctx context.Context, doing string, q query, paging ldap.ControlPaging, each func(found) error,
) (answer, error) {
	if err := canceled(ctx, doing); err != nil {
		return answer{}, err
	}
	request := &ldap.SearchRequest{
		BaseDN: q.base, Scope: q.scope, DerefAliases: ldap.NeverDerefAliases, Filter: q.filter, Attributes: q.attributes,
	}
	if paging.PagingSize > 0 {
		request.Controls = []ldap.Control{&paging}
	}
	reading, cancel := context.WithCancel(ctx)
	defer cancel() // frees the library's goroutine, whatever it waits for
	c.wire.begin()
	defer c.wire.arm(false)
	var stopped error
	got, err := c.stream(c.ldap.SearchAsync(reading, request, 0), func(f found) bool {
		stopped = each(f)
		return stopped == nil
	})
	tally, _ := c.wire.arrived()
	switch {
	case stopped != nil:
		return answer{}, stopped
	case ctx.Err() != nil:
		return answer{}, canceled(ctx, doing)
	case err != nil:
		return answer{}, c.incomplete(doing, err)
	case tally.done != 1:
		return answer{}, c.incomplete(doing, errNoEnd)
	case tally.entries != got.entries || tally.references != got.references:
		return answer{}, &Incomplete{Code: CodeLost, Doing: doing}
	}
	return got, nil
}

var errNoEnd = errors.New("the answer has no end")

// maxReferrals is how many references a read bears; there is one for each part of the tree that is held elsewhere.
const maxReferrals = 100

// stream hands on what arrives. While each works, the server's clock stands still.
func (c *session) stream(r ldap.Response, each func(found) bool) (answer, error) {
	var a answer
	for r.Next() {
		switch {
		case r.Entry() != nil:
			a.entries++
			c.wire.arm(false)
			if !each(found{r.Entry(), c.wire.emptied(a.entries)}) {
				return a, nil
			}
			c.wire.arm(true)
		case r.Referral() != "":
			a.references++
			if len(a.referrals) <= maxReferrals {
				a.referrals = append(a.referrals, r.Referral())
			}
		default:
			if paging, ok := ldap.FindControl(r.Controls(), ldap.ControlTypePaging).(*ldap.ControlPaging); ok {
				a.cookie, a.paged = paging.Cookie, true
			}
		}
	}
	return a, r.Err()
}
