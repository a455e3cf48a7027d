package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// identify finds out whom and what the questions name otherwise than by id. What
// that comes to can only be refused by what happens before the decision: an id
// never changes its person.
func (a *asking) identify(ctx context.Context) error {
	if v := a.ledger.view.Load(); !slices.ContainsFunc(a.questions, func(q meibo.Question) bool { return !v.byID(a.caller, q) }) {
		return nil
	}
	questions := slices.Clone(a.questions)
	a.nameless = map[int]authz.Code{}
	type found struct {
		question meibo.Question
		code     authz.Code
	}
	before := map[meibo.Question]found{}
	for i, q := range questions {
		if q.Naming == (meibo.Naming{}) {
			continue
		}
		f, asked := before[q]
		if !asked {
			f.question = q
			var err error
			if f.code, err = a.ledger.identify(ctx, a.caller, &f.question); err != nil {
				return err
			}
			before[q] = f
		}
		if questions[i] = f.question; f.code != "" {
			a.nameless[i] = f.code
		}
	}
	a.questions = questions
	return nil
}

// byID reports whether a question names by id, so that there is nothing to find out.
func (v *view) byID(c meibo.Caller, q meibo.Question) bool {
	n := q.Naming
	return n == meibo.Naming{} || n.Subject == meibo.SubjectPerson && n.Resource == meibo.ResourceAsset &&
		len(v.systems[c.Client.SystemID].Aliases.V) == 0 && !v.IsService(string(q.Person))
}

// translate puts meibo's words for those of the asking system's own.
func (v *view) translate(c meibo.Caller, q *meibo.Question) {
	s := v.systems[c.Client.SystemID]
	if len(s.Aliases.V) == 0 {
		return
	}
	if means := meibo.SubjectType(s.Means(meibo.AliasSubject, string(q.Naming.Subject))); means != "" {
		q.Naming.Subject = means
		if means == meibo.SubjectLogin || means == meibo.SubjectMail {
			q.Naming.Name, q.Person = meibo.Personal(q.Person), ""
		}
	}
	if means := meibo.AssetID(s.Means(meibo.AliasResource, string(q.Naming.Resource))); means != "" {
		q.Naming.Resource, q.Asset = meibo.ResourceAsset, means
	}
	if means := meibo.Action(s.Means(meibo.AliasAction, string(q.Action))); means != "" {
		q.Action = means
	}
}

// identify writes into a question whom and what it names, or says why that is
// nobody in particular.
func (l *Ledger) identify(ctx context.Context, c meibo.Caller, q *meibo.Question) (code authz.Code, err error) {
	l.view.Load().translate(c, q)
	switch q.Naming.Subject {
	case "":
	case meibo.SubjectPerson:
		if l.view.Load().IsService(string(q.Person)) {
			q.Person = meibo.NoID
		}
	case meibo.SubjectLogin, meibo.SubjectMail:
		declared, _ := l.view.Load().declare(c, *q)
		if q.Person, code, err = l.meant(ctx, declared); err != nil {
			return "", err
		}
	case meibo.SubjectService:
		if q.Person, err = known[meibo.ServiceAccount](ctx, l, q.Person, nil); err != nil {
			return "", err
		}
	default:
		q.Person = meibo.NoID
	}
	switch q.Naming.Resource {
	case "", meibo.ResourceAsset:
	case meibo.ResourceContainer:
		q.Asset, err = known(ctx, l, q.Asset, func(x meibo.Asset) bool { return len(x.Members) > 0 })
	default:
		q.Asset = meibo.NoID
	}
	return code, err
}

// known returns an id if there is such a row and it fits, else one that nothing
// has.
func known[R any, K ~string](ctx context.Context, l *Ledger, id K, fits func(R) bool) (K, error) {
	if !meibo.ValidID(id) {
		return id, nil // the rule calls it malformed
	}
	var row R
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		row, err = store.One[R](r, id)
		return err
	})
	switch {
	case errors.Is(err, meibo.ErrNotFound), err == nil && fits != nil && !fits(row):
		return meibo.NoID, nil
	}
	return id, err
}

// meant finds the one person whom a login or a mail address names among the
// organizations of the contract. With a directory it is the directory that knows,
// and its entry is the identity; mail addresses nobody else knows. More than one
// person is nobody.
func (l *Ledger) meant(ctx context.Context, q meibo.Question) (meibo.PersonID, authz.Code, error) {
	name := q.Naming.Name
	if name == "" {
		return "", "", nil // malformed
	}
	if meibo.TextProblem(string(name)) != "" {
		return meibo.NoID, "", nil
	}
	bases, err := l.basesOf(ctx, q.Contract)
	if err != nil {
		return "", "", err
	}
	people := map[meibo.PersonID]bool{}
	for organization, base := range bases {
		find := l.nameOne
		if q.Naming.Subject == meibo.SubjectMail {
			find = l.mailOne
		}
		n, err := find(ctx, login{organization, name}, base)
		switch {
		case err != nil:
			return "", "", err
		case n.Problem == "LOGIN_AMBIGUOUS":
			return meibo.NoID, authz.CodeSubjectAmbiguous, nil
		case n.Problem == "DIRECTORY_UNAVAILABLE":
			return meibo.NoID, authz.CodeSyncStale, nil
		case n.Problem == "" && n.PersonID != "":
			people[n.PersonID] = true
		}
	}
	if len(people) > 1 {
		return meibo.NoID, authz.CodeSubjectAmbiguous, nil
	}
	for id := range people {
		return id, "", nil
	}
	return meibo.NoID, "", nil
}

// basesOf are the directory bases of those who take part in a contract, whatever
// became of the city's consent.
func (l *Ledger) basesOf(ctx context.Context, id meibo.ContractID) (map[meibo.OrganizationID]string, error) {
	bases := map[meibo.OrganizationID]string{}
	if !meibo.ValidID(id) {
		return bases, nil
	}
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := r.Parties(id)
		for _, o := range b {
			bases[o.ID] = o.DirectoryBase
		}
		return err
	})
	return bases, wrap("name people", err)
}

// mailOne finds whom a mail address names below an organization's base.
func (l *Ledger) mailOne(ctx context.Context, who login, base string) (meibo.Named, error) {
	var n meibo.Named
	if l.directory == nil || l.directory.FindMail == nil || base == "" {
		return n, nil
	}
	accounts, err := l.directory.FindMail(ctx, base, string(who.text))
	switch {
	case err != nil:
		n.Problem = "DIRECTORY_UNAVAILABLE"
		return n, nil
	case len(accounts) > 1:
		n.Problem = "LOGIN_AMBIGUOUS"
		return n, nil
	case len(accounts) == 0:
		return n, nil
	}
	n.Account = &accounts[0]
	err = l.db.View(ctx, func(r *store.Reader) error {
		bound, err := r.AccountByEntry(n.Account.Entry)
		if bound != nil {
			n.PersonID = bound.PersonID
		}
		return err
	})
	return n, wrap("name people", err)
}

// about denies a decision of a question of which it could not be said of whom it
// is.
func (l *Ledger) about(d meibo.Decision, nameless authz.Code) meibo.Decision {
	if nameless == "" {
		return d
	}
	none := decisionOf(l.policy.Deny(nameless), meibo.Caller{}, d.Question, d.At)
	none.ID, none.ClientID, none.SystemID, none.Answers = d.ID, d.ClientID, d.SystemID, d.Answers
	none.Revision, none.Epoch, none.Declared, none.RosterVersion = d.Revision, d.Epoch, d.Declared, d.RosterVersion
	return none
}
