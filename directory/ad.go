package directory

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// domain follows an Active Directory: it asks for what has changed, from time to time and when something is said to have
// happened. What it hears of is read again by id, so that an attribute that a change leaves out cannot pass for one that
// is not there.
type domain struct {
	*run
	session *session
	roots   []string // naming contexts
	marks   marks
	at      usn
	buries  bool // deleted entries are seen
}

// listenAD asks for changes, and for notifications. A server that gives none is just asked from time to time.
func (r *run) listenAD(ctx context.Context, from marks) error {
	c, err := r.bound(ctx)
	if err != nil {
		return err
	}
	d := &domain{run: r, session: c, roots: r.view.roots(), marks: marks{}}
	for name, mark := range from {
		d.marks[name] = mark
	}
	if err := d.begin(ctx, len(from) == 0); err != nil {
		c.close()
		return err
	}
	r.wg.Go(func() {
		defer c.close()
		r.fail(d.listen(ctx))
	})
	if r.view.offers(controlNotification) {
		for _, root := range d.roots {
			if err := r.watch(ctx, root, control{oid: controlNotification, critical: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// roots are the naming contexts in which the subtrees lie.
func (v view) roots() []string {
	var all []string
	for _, base := range v.subtrees() {
		root := ""
		for _, context := range v.NamingContexts {
			if under, _ := within(context, base); under && len(context) > len(root) {
				root = context
			}
		}
		if root != "" && !slices.Contains(all, root) {
			all = append(all, root)
		}
	}
	return all
}

// listen asks for changes until something breaks, whenever the server has changed anything.
func (d *domain) listen(ctx context.Context) error {
	tick := time.NewTicker(d.Pace.Ask)
	defer tick.Stop()
	for {
		now, err := d.usn(ctx, d.session)
		if err != nil {
			return err
		}
		if now != d.at {
			if err := d.ask(ctx, now); err != nil {
				return err
			}
			d.at = now
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// ask asks for what has changed. An account that does not see what is deleted may have missed a deletion: everybody is
// to be read, but not each time.
func (d *domain) ask(ctx context.Context, now usn) error {
	if !d.buries {
		every := d.Pace.sweep(d.mode) / 5
		d.sweepSoon(max(settling, every-time.Since(d.sweptAt())))
	}
	if d.mode == ModeUSN {
		return d.askUSN(ctx, now)
	}
	for _, root := range d.roots {
		if err := d.dirSync(ctx, root, true); err != nil {
			return err
		}
	}
	return nil
}

// begin finds out whether deleted entries are seen, and, if everybody is to be read anew, where the server is before
// that.
func (d *domain) begin(ctx context.Context, anew bool) error {
	for _, root := range d.roots {
		if err := d.changes(ctx, root, "(isDeleted=TRUE)", func(entry) { d.buries = true }, showDeleted); err != nil {
			return err
		}
		if anew && d.mode == ModeDirSync {
			if err := d.dirSync(ctx, root, false); err != nil {
				return err
			}
		}
	}
	if !anew || d.mode == ModeDirSync {
		return nil
	}
	at, err := d.usn(ctx, d.session)
	d.at, d.marks[""] = at, at.mark()
	d.arrive(&signal{mark: d.marks[""]})
	return err
}

var showDeleted = control{oid: controlShowDeleted, critical: true}

// usn is where a domain controller is: the number of its last change, which is its own.
type usn struct {
	controller string
	number     int64
}

func (u usn) mark() []byte { return []byte(u.controller + ":" + strconv.FormatInt(u.number, 10)) }

func parseUSN(mark []byte) (usn, bool) {
	controller, number, _ := strings.Cut(string(mark), ":")
	n, err := strconv.ParseInt(number, 10, 64)
	return usn{controller, n}, err == nil && controller != ""
}

// usn reads where the server is.
func (r *run) usn(ctx context.Context, c *session) (usn, error) {
	doing := "read the number of the last change at " + c.url
	root, err := c.entry(ctx, doing, "", "highestCommittedUSN", "dsServiceName")
	if err != nil {
		return usn{}, err
	}
	service, err := c.entry(ctx, doing, Choose(root, "dsservicename"), "invocationId")
	if err != nil {
		return usn{}, err
	}
	n, err := strconv.ParseInt(Choose(root, "highestcommittedusn"), 10, 64)
	id := Choose(service, "invocationid")
	if err != nil || id == "" {
		return usn{}, &refusedMode{&Incomplete{Code: CodeMode, Doing: doing}}
	}
	return usn{hex.EncodeToString([]byte(id)), n}, nil
}

// usableUSN tells whether the server is the one that counted so far, and has not been put back.
func (r *run) usableUSN(ctx context.Context, from marks) (marks, error) {
	now, err := r.usn(ctx, r.desk.session)
	if err != nil {
		return nil, err
	}
	switch then, ok := parseUSN(from[""]); {
	case !ok:
		return nil, &TokenRejected{tokenRefused}
	case then.controller != now.controller:
		return nil, &TokenRejected{tokenServer}
	case then.number > now.number:
		return nil, &TokenRejected{tokenAhead}
	}
	return from, nil
}

// askUSN asks for what has changed since the last number.
func (d *domain) askUSN(ctx context.Context, now usn) error {
	then, _ := parseUSN(d.marks[""])
	if now.controller != then.controller || now.number < then.number {
		return &TokenRejected{tokenServer}
	}
	since := fmt.Sprintf("(uSNChanged>=%d)", then.number+1)
	for _, base := range d.view.subtrees() {
		err := d.changes(ctx, base, since, func(e entry) { d.happened(e, false) })
		if err != nil {
			return err
		}
	}
	for _, root := range d.roots {
		err := d.changes(ctx, root, both("(isDeleted=TRUE)", since), d.buried, showDeleted)
		if err != nil {
			return err
		}
	}
	d.marks[""] = now.mark()
	d.arrive(&signal{mark: d.marks[""]})
	return nil
}

// changes reads entries that have changed. References to other servers are no matter here.
func (d *domain) changes(ctx context.Context, base, filter string, each func(entry), controls ...ldap.Control) error {
	q := query{base: base, scope: ldap.ScopeWholeSubtree, filter: filter, attributes: append([]string{"objectClass"}, d.view.lean...)}
	_, err := d.session.pages(ctx, q, d.view.PageSize, func(f found) error {
		each(f.entry)
		return nil
	}, controls...)
	return err
}

// buried takes an entry that was deleted. Only an administrator sees it.
func (d *domain) buried(e entry) {
	o, _ := d.view.object(e, "")
	if d.ours(o.ID.Value) {
		d.arrive(&signal{id: o.ID.Value, gone: true})
	}
}
