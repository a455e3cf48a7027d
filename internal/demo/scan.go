package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// ScannedPaper is a picture (PNG) of a page with a stroke where somebody has signed.
func ScannedPaper() []byte {
	page := image.NewGray(image.Rect(0, 0, 620, 877))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	for x := range 180 {
		page.SetGray(360+x, 720+(x*x/90)%40, color.Gray{})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		panic("demo: write a picture into memory: " + err.Error())
	}
	return b.Bytes()
}
