package main

import (
	"context"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// orphans compares the rosters with the directory and with each of the groups.
func (p *people) orphans(ctx context.Context) (meibo.Orphans, error) {
	found, err := p.book.Orphans(ctx)
	if err != nil {
		return found, err
	}
	for _, g := range p.groups {
		one, err := p.groupOrphans(ctx, g)
		if err != nil {
			return found, err
		}
		found.Groups = append(found.Groups, one)
	}
	return found, nil
}

// groupOrphans compares a group with those to whom what it stands for is granted. A
// group in the group counts: whoever is in that is let in, too.
func (p *people) groupOrphans(ctx context.Context, g *group) (meibo.GroupOrphans, error) {
	one := meibo.GroupOrphans{Group: g.DN, Contract: meibo.ContractID(g.Contract)}
	set, err := p.granted(ctx, g)
	if err != nil {
		return one, err
	}
	read, err := g.target.ReadNested(ctx)
	if err != nil {
		one.Code = codeOf(err)
		return one, nil
	}
	var should []directory.ID
	for _, entry := range set.Granted {
		should = appendID(should, entry)
	}
	o := read.Orphans(should)
	one.Dangling = len(o.Dangling)
	for _, m := range o.Strangers {
		person, known := set.Known[m.ID.String()]
		switch {
		case m.ID.IsZero():
			one.Others++
		case known:
			one.Strangers = append(one.Strangers, person)
		default:
			one.Unknown = append(one.Unknown, m.ID.String())
		}
	}
	for _, id := range o.Missing {
		one.Missing = append(one.Missing, set.Known[id.String()])
	}
	return one, nil
}
