package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/internal/ledger"
)

// waiting is the metric of the notices that wait, counted when somebody looks. Where
// they cannot be counted there is none: no number is better than an old one.
type waiting struct {
	ledger *ledger.Ledger
	log    *slog.Logger
}

var waitingNotices = prometheus.NewDesc("meibo_notices",
	"Notices that wait for a sender or a person, by state; overdue: those whose day has passed.", []string{"state"}, nil)

// Describe implements prometheus.Collector.
func (waiting) Describe(to chan<- *prometheus.Desc) { to <- waitingNotices }

// Collect implements prometheus.Collector.
func (w waiting) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	counts, err := w.ledger.CountNotices(ctx)
	if err != nil {
		w.log.Error("count notices", "error", err)
		return
	}
	for state, n := range counts {
		to <- prometheus.MustNewConstMetric(waitingNotices, prometheus.GaugeValue, float64(n), state)
	}
}
