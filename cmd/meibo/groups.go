package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A groupConfig is a group of the directory that stands for a system's question: its
// members are to be those of whom the question would be allowed. For systems that
// know nothing but groups.
type groupConfig struct {
	DN       string `yaml:"dn"`
	System   string `yaml:"system"`
	Contract string `yaml:"contract"`
	Asset    string `yaml:"asset"`
	Action   string `yaml:"action"`
	Purpose  string `yaml:"purpose"`
	// Write lets the group be written; otherwise it is only compared.
	Write         bool   `yaml:"write"`
	RemoveForeign bool   `yaml:"remove_foreign"` // members whom meibo does not know
	BindDN        string `yaml:"bind_dn"`        // who may write it; empty: the account that reads
	PasswordFile  string `yaml:"password_file"`
	Attribute     string `yaml:"attribute"`
	Batch         int    `yaml:"batch"` // members that are changed at once; 200
}

// A group is one that is compared or written.
type group struct {
	groupConfig
	target *directory.Target
	within map[string]bool // entries that were put in, or left in it, last; nil: not known
	at     time.Time       // when it was compared
	said   time.Time       // when it was logged that it is not what it should be
	code   string          // and why
	behind atomic.Int64    // since when it is not what it should be, in nanoseconds since 1970; 0: it is
}

func openGroups(cfg config, source *directory.Source) ([]*group, error) {
	var all []*group
	for i, g := range cfg.Directory.Groups {
		target, err := source.Target(directory.TargetConfig{
			Group: g.DN, BindDN: g.BindDN, PasswordFile: cfg.path(g.PasswordFile), Attribute: g.Attribute, RemoveForeign: g.RemoveForeign, Batch: g.Batch,
		})
		if err != nil {
			return nil, fmt.Errorf("directory.groups %d: %w", i+1, err)
		}
		all = append(all, &group{groupConfig: g, target: target})
	}
	return all, nil
}

const (
	// groupsEvery is how often it is looked whether a group has to change.
	groupsEvery = 200 * time.Millisecond
	// driftEvery is how often a group is compared though nothing has changed, and
	// dueEvery how often the question is asked again because time has passed.
	driftEvery = 5 * time.Minute
	dueEvery   = 5 * time.Second
)

// keepGroups keeps the groups what they should be, until ctx ends: who is not
// granted what a group stands for is taken out at once, who is granted it is put in
// unless the directory has been silent for too long.
func (p *people) keepGroups(ctx context.Context) error {
	if p == nil || len(p.groups) == 0 {
		return nil
	}
	tick := time.NewTicker(groupsEvery)
	defer tick.Stop()
	revision, asked := int64(-1), time.Time{}
	for {
		now, err := p.book.Revision(ctx)
		if err == nil && (now != revision || time.Since(asked) >= dueEvery) {
			revision, asked = now, time.Now()
			for _, g := range p.groups {
				p.keepGroup(ctx, g)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (p *people) keepGroup(ctx context.Context, g *group) {
	set, err := p.granted(ctx, g)
	if err == nil {
		if g.within == nil || time.Since(g.at) >= driftEvery {
			err = p.compareGroup(ctx, g, set)
		} else if g.Write {
			err = p.writeGroup(ctx, g, set)
		}
	}
	if err == nil {
		p.measureDrift(g, set)
	}
	defer p.measureGroup(g)
	if err != nil && ctx.Err() == nil {
		g.fallBehind()
		g.within = nil // what was done is looked at before anything else is
		p.metrics.groups.WithLabelValues(g.DN, "failed").Inc()
		if time.Since(g.said) < watchEvery && codeOf(err) == g.code {
			return
		}
		g.said, g.code = time.Now(), codeOf(err)
		p.log.Warn("a group is not what it should be", "contract", g.Contract, "code", codeOf(err), "error", err)
	}
}

// fallBehind notes that the group is not what it should be, unless that is known.
func (g *group) fallBehind() { g.behind.CompareAndSwap(0, time.Now().UnixNano()) }

// measureGroup says for how long the group has not been what it should be.
func (p *people) measureGroup(g *group) {
	lag := 0.0
	if since := g.behind.Load(); since > 0 {
		lag = time.Since(time.Unix(0, since)).Seconds()
	}
	p.metrics.behind.WithLabelValues(g.DN).Set(lag)
}

func (p *people) granted(ctx context.Context, g *group) (ledger.GrantedSet, error) {
	return p.book.Granted(ctx, meibo.SystemID(g.System), meibo.Question{
		Contract: meibo.ContractID(g.Contract), Asset: meibo.AssetID(g.Asset), Action: meibo.Action(g.Action), Purpose: meibo.PurposeCode(g.Purpose),
	})
}

// compareGroup reads the group. Whom the ledger knows is its business: who of them
// is in the group and not granted it is taken out. Of others it only tells.
func (p *people) compareGroup(ctx context.Context, g *group, set ledger.GrantedSet) error {
	m, err := g.target.Read(ctx)
	if err != nil {
		return err
	}
	g.within, g.at = map[string]bool{}, time.Now()
	for id := range m.Members {
		if _, ours := set.Known[id.String()]; ours {
			g.within[id.String()] = true
		}
	}
	if g.Write {
		if err := p.writeGroup(ctx, g, set); err != nil {
			return err
		}
		if g.RemoveForeign || len(m.Dangling) > 0 {
			var keep []directory.ID
			for entry := range g.within {
				if id, err := directory.ParseID(entry); err == nil {
					keep = append(keep, id)
				}
			}
			if _, _, err := g.target.Enforce(ctx, keep); err != nil {
				return err
			}
		}
	}
	foreign := len(m.Others)
	for id := range m.Members {
		if _, ours := set.Known[id.String()]; !ours {
			foreign++
		}
	}
	p.metrics.drift.WithLabelValues(g.DN, "foreign").Set(float64(foreign))
	p.metrics.drift.WithLabelValues(g.DN, "dangling").Set(float64(len(m.Dangling)))
	if foreign > 0 && !m.Own {
		p.log.Warn("a group has members whom meibo does not know", "contract", g.Contract, "foreign", foreign)
	}
	return nil
}

// measureDrift notes whether the group has in it those who are granted what it stands
// for: it may only be compared, people may not be found, nobody may be put in while the
// directory is silent.
func (p *people) measureDrift(g *group, set ledger.GrantedSet) {
	missing, strangers := g.differs(set)
	p.metrics.drift.WithLabelValues(g.DN, "missing").Set(float64(missing))
	p.metrics.drift.WithLabelValues(g.DN, "stranger").Set(float64(strangers))
	if missing+strangers > 0 {
		g.fallBehind()
	} else {
		g.behind.Store(0)
	}
}

// differs counts who is granted what the group stands for and is not in it, and who
// is in it and not granted that.
func (g *group) differs(set ledger.GrantedSet) (missing, strangers int) {
	in := 0
	for _, entry := range set.Granted {
		if g.within[entry] {
			in++
		}
	}
	return len(set.Granted) - in, len(g.within) - in
}

// writeGroup takes out of the group who is not granted what it stands for, and puts
// in who is.
func (p *people) writeGroup(ctx context.Context, g *group, set ledger.GrantedSet) error {
	var remove, add []directory.ID
	for entry := range g.within {
		if _, granted := slices.BinarySearch(set.Granted, entry); !granted {
			remove = appendID(remove, entry)
		}
	}
	for _, entry := range set.Granted {
		if !g.within[entry] && !set.Frozen {
			add = appendID(add, entry)
		}
	}
	if len(remove)+len(add) == 0 {
		return nil
	}
	began := time.Now()
	g.fallBehind()
	done, err := g.target.Apply(ctx, remove, add)
	if err != nil {
		return err
	}
	for _, id := range remove {
		delete(g.within, id.String())
	}
	for _, id := range done.Added {
		g.within[id.String()] = true
	}
	p.metrics.groups.WithLabelValues(g.DN, "removed").Add(float64(done.Removals))
	p.metrics.groups.WithLabelValues(g.DN, "added").Add(float64(done.Additions))
	if done.Removals+done.Additions == 0 { // who is not found is among the missing that are counted
		return nil
	}
	p.log.Info("a group was written", "contract", g.Contract, "removed", done.Removals, "added", done.Additions, "took", time.Since(began))
	return nil
}

func appendID(list []directory.ID, entry string) []directory.ID {
	id, err := directory.ParseID(entry)
	if err != nil { // the ledger keeps only what ParseID reads
		return list
	}
	return append(list, id)
}
