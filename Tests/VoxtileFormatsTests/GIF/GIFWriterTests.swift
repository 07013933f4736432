import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("GIFWriter", .enabled(if: (try? GIFWriter.checkLibrary()) != nil, "needs giflib"))
struct GIFWriterTests {
  private static let palette = (0..<200).map {
    VolumeInfo.Color(red: UInt8($0), green: 255 - UInt8($0), blue: 7)
  }

  private static func frames() -> [GIFWriter.Frame] {
    var random = SplitMix64(seed: 5)
    func pixels(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in UInt8.random(in: 0..<200, using: &random) }
    }
    return [
      .init(columns: 0..<90, rows: 0..<70, pixels: pixels(6300), hundredths: 50),
      .init(columns: 3..<5, rows: 60..<70, pixels: pixels(20), hundredths: 300),
      .init(columns: 89..<90, rows: 0..<1, pixels: [1], hundredths: 100_000),
    ]
  }

  private func write(_ path: String, replacing: Bool = false, finishes: Bool = true) throws {
    let writer = try GIFWriter(
      path, replacing: replacing, size: (90, 70), palette: Self.palette, transparent: 1)
    for frame in Self.frames() { try writer.add(frame) }
    if finishes { try writer.finish() }
  }

  @Test("frames, colors and times come back, and it repeats forever")
  func roundTrip() throws {
    try withTemporaryFolder { folder in
      try write("\(folder)/a.gif")
      let gif = try #require(DecodedGIF(try fileBytes("\(folder)/a.gif")))
      #expect(gif.width == 90 && gif.height == 70 && gif.repeats && gif.palette.count == 256)
      for (index, color) in Self.palette.enumerated() {
        #expect(gif.palette[index] == [color.red, color.green, color.blue])
      }
      #expect(gif.frames.count == 3)
      for (frame, written) in zip(gif.frames, Self.frames()) {
        #expect(frame.columns == written.columns && frame.rows == written.rows)
        #expect(frame.pixels == written.pixels && frame.transparent == 1)
        #expect(frame.hundredths == min(65535, written.hundredths))
      }
    }
  }

  @Test("two files at a time keep their bytes, which are always the same")
  func twoFiles() throws {
    try withTemporaryFolder { folder in
      let paths = ["\(folder)/a.gif", "\(folder)/b.gif"]
      let writers = try paths.map {
        try GIFWriter($0, replacing: false, size: (90, 70), palette: Self.palette, transparent: 1)
      }
      for frame in Self.frames() { for writer in writers { try writer.add(frame) } }
      for writer in writers { try writer.finish() }
      #expect(try fileBytes(paths[0]) == fileBytes(paths[1]))
      #expect(DecodedGIF(try fileBytes(paths[0]))?.frames.count == 3)
    }
  }

  @Test("an unfinished file is removed, and an existing one is kept unless it may be replaced")
  func unfinished() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a.gif"
      try write(path, finishes: false)
      #expect(try fileNames(in: folder).isEmpty)
      try write(path)
      let error = #expect(throws: VoxtileError.self) { try write(path) }
      #expect(error?.code == .targetExists)
      try write(path, replacing: true)
      #expect(try fileNames(in: folder) == ["a.gif"])
    }
  }
}
