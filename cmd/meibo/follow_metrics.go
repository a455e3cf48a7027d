package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// directoryMetrics say how the directory is followed. No label speaks of a person.
type directoryMetrics struct {
	proven        prometheus.Gauge
	lag           prometheus.Gauge
	revoke        prometheus.Histogram
	events        *prometheus.CounterVec
	holds         *prometheus.GaugeVec
	doubted       prometheus.Gauge
	noInformation *prometheus.CounterVec
	canaries      *prometheus.GaugeVec
	people        *prometheus.GaugeVec
	connects      prometheus.Counter
	interruptions *prometheus.CounterVec
	refreshes     *prometheus.CounterVec
	missed        prometheus.Counter
	disagreed     prometheus.Counter
	watched       int // canaries that are configured
	health        *prometheus.GaugeVec
	orphans       *prometheus.GaugeVec
	drift         *prometheus.GaugeVec
	behind        *prometheus.GaugeVec
	groups        *prometheus.CounterVec
}

func newDirectoryMetrics(canaries int) *directoryMetrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "meibo_directory_" + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "meibo_directory_" + name, Help: help})
	}
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "meibo_directory_" + name, Help: help}, labels)
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "meibo_directory_" + name, Help: help}, labels)
	}
	return &directoryMetrics{
		proven: gauge("last_proven_seconds", "When the directory was last known to be what meibo says, in seconds since 1970."),
		lag:    gauge("stream_lag_seconds", "How far the directory's changes are ahead of what was heard."),
		revoke: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "meibo_directory_revoke_latency_seconds", Help: "From hearing of a change that revokes to its commit.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5},
		}),
		events:        counters("events_total", "What the directory has shown of people.", "kind", "proof"),
		holds:         gauges("holds", "People whose change waits for a person, by reason.", "reason"),
		doubted:       gauge("doubted", "People of whom the directory gives no sure word."),
		noInformation: counters("no_information_total", "Readings that gave no information.", "code"),
		canaries:      gauges("canary_ok", "1 while a canary is what it should be, by its number in the configuration.", "canary"),
		people:        gauges("people", "Accounts by state.", "state"),
		connects:      counter("connects_total", "Connections to a directory server."),
		interruptions: counters("interruptions_total", "Ends of a connection, by cause.", "cause"),
		refreshes:     counters("full_refreshes_total", "Readings of everybody for want of a good bookmark.", "cause"),
		missed:        counter("missed_total", "Changes that a reading found and the server had not told of."),
		disagreed:     counter("lookup_disagreements_total", "People whom a complete reading did not show and a look-up found: there should be none."),
		watched:       canaries,
		health:        gauges("health", "1 for what holds: green, yellow or red.", "state"),
		orphans:       gauges("orphans", "People on rosters whom the directory does not show, or shows elsewhere.", "kind"),
		drift:         gauges("writeback_drift", "How a group differs from who is granted what it stands for.", "group", "kind"),
		behind:        gauges("writeback_lag_seconds", "For how long a group has not been what it should be.", "group"),
		groups:        counters("writeback_total", "Members put into a group and taken out of it, and attempts that failed.", "group", "kind"),
	}
}

func (m *directoryMetrics) register(r *prometheus.Registry) {
	r.MustRegister(m.proven, m.lag, m.revoke, m.events, m.holds, m.doubted, m.noInformation, m.canaries, m.people, m.connects, m.interruptions,
		m.refreshes, m.missed, m.disagreed, m.health, m.orphans, m.drift, m.behind, m.groups)
}

// applied counts what a batch has come to.
func (m *directoryMetrics) applied(b directory.Batch, r meibo.Reading, now meibo.Instant) {
	for _, e := range b.Events {
		m.events.WithLabelValues(string(e.Kind), string(e.Proof)).Inc()
		if r.Disabled+r.Gone > 0 && !b.Full && !e.At.IsZero() {
			m.revoke.Observe(max(0, now.Time().Sub(e.At).Seconds()))
		}
	}
	if b.Completeness.Proven {
		m.sawCanaries(m.watched, false)
	}
}

// noticed counts what a follower reports.
func (m *directoryMetrics) noticed(n directory.Notice) {
	switch n.Kind {
	case directory.NoticeConnected:
		m.connects.Inc()
	case directory.NoticeRejected:
		m.refreshes.WithLabelValues(n.Err.Error()).Inc()
	case directory.NoticeInterrupted, directory.NoticeBlind:
		m.interruptions.WithLabelValues(codeOf(n.Err)).Inc()
		m.noInformation.WithLabelValues(codeOf(n.Err)).Inc()
	case directory.NoticeUnswept:
		m.noInformation.WithLabelValues(codeOf(n.Err)).Inc()
	case directory.NoticeMissed:
		m.missed.Add(float64(n.Missed))
	case directory.NoticeDisagreed:
		m.disagreed.Add(float64(n.Missed))
	}
	var why *directory.Incomplete
	if errors.As(n.Err, &why) && why.Canary > 0 {
		m.sawCanaries(why.Canary, true)
	}
}

// sawCanaries notes that the first so many canaries were right, but for the last of
// them if that was wrong.
func (m *directoryMetrics) sawCanaries(n int, wrong bool) {
	for i := 1; i <= n; i++ {
		value := 1.0
		if wrong && i == n {
			value = 0
		}
		m.canaries.WithLabelValues(strconv.Itoa(i)).Set(value)
	}
}

// found counts the orphans that were found.
func (m *directoryMetrics) found(o meibo.Orphans) {
	m.orphans.WithLabelValues("unbound").Set(float64(len(o.Unbound)))
	m.orphans.WithLabelValues("absent").Set(float64(len(o.Absent)))
	m.orphans.WithLabelValues("elsewhere").Set(float64(len(o.Elsewhere)))
	m.orphans.WithLabelValues("transferred").Set(float64(len(o.Transferred)))
}

// measure looks at how things stand.
func (p *people) measure(ctx context.Context) {
	v, err := p.book.DirectoryNow(ctx)
	if err != nil {
		return
	}
	f := p.following()
	m := p.metrics
	m.proven.Set(float64(v.Proven) / 1e6)
	m.lag.Set(f.LagSeconds)
	for _, state := range []meibo.AccountState{meibo.AccountEnabled, meibo.AccountDisabled, meibo.AccountUnknown, meibo.AccountLocked, meibo.AccountGone} {
		m.people.WithLabelValues(string(state)).Set(float64(v.People[state]))
	}
	for _, g := range p.groups {
		p.measureGroup(g)
	}
	m.doubted.Set(float64(v.Doubted))
	m.holds.Reset()
	for why, n := range v.Holds {
		m.holds.WithLabelValues(why).Set(float64(n))
	}
	for _, state := range []string{"green", "yellow", "red"} {
		value := 0.0
		if v.Health(f, p.book.Now()) == state {
			value = 1
		}
		m.health.WithLabelValues(state).Set(value)
	}
}
