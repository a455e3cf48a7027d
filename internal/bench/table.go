package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// A Row is the figures of one server under one load.
type Row struct {
	Transport   Transport
	Connections int
	Server      string
	Figures     Figures
	// Ratio is the CPU time of a check over that of the server that always allows; 0
	// where there is none to compare with.
	Ratio float64
}

// Compare fills in the ratios against the rows of a server.
func Compare(rows []Row, with string) {
	for i := range rows {
		for _, r := range rows {
			same := r.Server == with && r.Transport == rows[i].Transport && r.Connections == rows[i].Connections
			if same && r.Figures.CPU > 0 {
				rows[i].Ratio = float64(rows[i].Figures.CPU) / float64(r.Figures.CPU)
			}
		}
	}
}

// Write writes rows as a table.
func Write(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "transport\tconnections\tserver\tchecks/s\tp50 ms\tp90 ms\tp99 ms\tp99.9 ms\tmax ms\tCPU µs/check\t× always\t")
	for _, r := range rows {
		f := r.Figures
		fmt.Fprintf(t, "%s\t%d\t%s\t%.0f\t", r.Transport, r.Connections, r.Server, float64(f.Checks)/f.Took.Seconds())
		for _, p := range []float64{50, 90, 99, 99.9, 100} {
			fmt.Fprintf(t, "%.2f\t", float64(f.Latency.ValueAtPercentile(p))/float64(time.Millisecond))
		}
		fmt.Fprintf(t, "%.1f\t%.2f\t\n", float64(f.CPU)/float64(time.Microsecond), r.Ratio)
	}
	return t.Flush()
}
