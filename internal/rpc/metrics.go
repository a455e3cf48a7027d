package rpc

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// metrics count what is asked and answered. No label speaks of a person.
type metrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	decisions *prometheus.CounterVec
	panics    prometheus.Counter
}

func newMetrics(r *prometheus.Registry) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "meibo_requests_total", Help: "Requests by method and outcome.",
		}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "meibo_request_seconds", Help: "How long requests took.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}, []string{"method"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "meibo_decisions_total", Help: "Decisions by primary code.",
		}, []string{"code"}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "meibo_panics_total", Help: "Requests that ended in a panic.",
		}),
	}
	r.MustRegister(m.requests, m.seconds, m.decisions, m.panics)
	return m
}

// observe notes that a method was asked and when that began.
func (m *metrics) observe(method string, code codes.Code, began time.Time) {
	m.requests.WithLabelValues(method, code.String()).Inc()
	m.seconds.WithLabelValues(method).Observe(time.Since(began).Seconds())
}

// count notes decisions.
func (m *metrics) count(ds ...meibo.Decision) {
	for _, d := range ds {
		m.decisions.WithLabelValues(d.PrimaryCode).Inc()
	}
}
