package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// answer is what came beside the entries of one request.
type answer struct {
	cookie    []byte // of the paging control: where the next page begins
	paged     bool   // there was a paging control
	referrals []string
}

// found is an entry that arrived; emptied means that it was too large and has nothing but a DN.
type found struct {
	entry
	emptied bool
}

// pages reads a search page by page and hands on each entry as it comes, one at a time. It returns nil only with a
// proof: every page has ended with the server's success and a paging control, and nothing came that was not an answer
// to what was asked. An error of each ends the read, and the session with it, and is returned as it is; every other one
// is an [*Incomplete].
func (c *session) pages(
	ctx context.Context, q query, size uint32, each func(found) error, more ...ldap.Control,
) (passage, error) {
	var all passage
	paging := ldap.ControlPaging{PagingSize: size}
	for {
		all.pages++
		doing := fmt.Sprintf("read page %d of %s", all.pages, q.base)
		a, err := c.search(ctx, doing, q, each, append(more, &paging)...)
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

// maxReferrals is how many references a read bears; there is one for each part of the tree that is held elsewhere.
const maxReferrals = 100

// search sends one request and reads its answer to the end.
func (c *session) search(
	ctx context.Context, doing string, q query, each func(found) error, controls ...ldap.Control,
) (answer, error) {
	op, err := q.request()
	if err != nil {
		return answer{}, &Incomplete{Code: CodeMalformed, Doing: doing, Err: err}
	}
	var a answer
	err = c.exchange(ctx, doing, op, controls, func(m message) error {
		switch m.op {
		case opEntry:
			e, err := m.entry(c.room)
			if err != nil {
				return c.incomplete(doing, err)
			}
			return each(found{e, m.emptied})
		case opReference:
			url, err := m.reference()
			if err != nil {
				return c.incomplete(doing, err)
			}
			if len(a.referrals) <= maxReferrals {
				a.referrals = append(a.referrals, url)
			}
			return nil
		case opDone:
			a.cookie, a.paged = m.pagingCookie()
			return nil
		}
		return c.incomplete(doing, errMalformed)
	})
	return a, err
}
