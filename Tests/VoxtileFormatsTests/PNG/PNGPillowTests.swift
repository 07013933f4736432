import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

private let python = OtherProgram.python(with: "PIL.Image, numpy")

@Suite("Pillow reads what is written", .enabled(if: python != nil, "needs a Python with Pillow"))
struct PNGPillowTests {
  private struct Image: Decodable {
    let mode: String
    let samples: [Int]
    let dpi: [Double]?
  }

  /// What Pillow says of a file; samples in the order of `Volume`.
  private func readByPillow<Scalar>(_ volume: Volume<Scalar>) throws -> Image {
    let script = """
      import json, sys, numpy, PIL.Image
      with PIL.Image.open(sys.argv[1]) as image:
          image.load()
          values = numpy.atleast_3d(numpy.asarray(image)).astype(int)
          planar = numpy.moveaxis(values, 2, 0).reshape(-1).tolist()
          print(json.dumps(dict(mode=image.mode, samples=planar, dpi=image.info.get("dpi"))))
      """
    return try PNGTestFiles.withFolder { folder in
      let path = folder.appending(path: "image.png").path
      try volume.write(to: path)
      return try JSONDecoder().decode(
        Image.self, from: OtherProgram.output(of: #require(python), ["-c", script, path]))
    }
  }

  @Test("8 bits", arguments: [1, 2, 3, 4])
  func eightBits(channels: Int) throws {
    let volume = try PNGTestFiles.pattern(Extent(width: 19, height: 7), channels: channels, as: UInt8.self)
    let image = try readByPillow(volume)
    #expect(image.mode == ["L", "LA", "RGB", "RGBA"][channels - 1])
    #expect(image.samples == PNGTestFiles.samples(volume))
  }

  @Test(
    "16 bits, of which Pillow keeps the upper 8 where there is more than one channel",
    arguments: [1, 2, 3, 4])
  func sixteenBits(channels: Int) throws {
    let volume = try PNGTestFiles.pattern(Extent(width: 19, height: 7), channels: channels, as: UInt16.self)
    let image = try readByPillow(volume)
    #expect(image.mode == ["I;16", "RGBA", "RGB", "RGBA"][channels - 1])
    var expected = PNGTestFiles.samples(volume).map { channels == 1 ? $0 : $0 >> 8 }
    // Pillow has no mode of two channels of 16 bits and makes gray to red, green and blue.
    if channels == 2 { expected = Array(repeating: expected.prefix(19 * 7), count: 2).joined() + expected }
    #expect(image.samples == expected)
  }

  @Test("1, 2 and 4 bits, which Pillow scales to 8", arguments: [1, 2, 4])
  func fewBits(bits: Int) throws {
    let volume = try Volume<UInt8>(contentsOf: PNGTestFiles.path("type0-\(bits).png"))
    let image = try readByPillow(volume)
    #expect(image.mode == (bits == 1 ? "1" : "L"))
    let scale = bits == 1 ? 1 : 255 / ((1 << bits) - 1)
    #expect(image.samples == PNGTestFiles.samples(volume).map { $0 * scale })
  }

  @Test("the resolution")
  func resolution() throws {
    let image = try readByPillow(Volume<UInt8>(contentsOf: PNGTestFiles.path("header-pillow.png")))
    let dpi = try #require(image.dpi)
    #expect(abs(dpi[0] - 300) < 0.02 && abs(dpi[1] - 150) < 0.02)
  }
}
