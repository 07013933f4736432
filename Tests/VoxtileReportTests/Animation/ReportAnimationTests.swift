import Testing
import Voxtile
import VoxtileFormats
import VoxtileStore
import VoxtileTestSupport

@testable import VoxtileReport

@Suite("ReportAnimation", .enabled(if: (try? ReportAnimation.checkCanBeWritten()) != nil, "needs giflib"))
struct ReportAnimationTests {
  private static let flat = Extent(width: 24, height: 15)

  /// A report over images with some values.
  private func data(
    _ extent: Extent, patch: Int, overlap: Int = 0, order: PatchOrder = .xFastest, edge: EdgePolicy = .shift,
    labels: ((Position) -> UInt8)? = nil, _ value: (Position) -> UInt8
  ) throws -> ReportData {
    try withTemporaryFolder { folder in
      // A PNG has no sides of a patient, so it is shown as it is stored.
      let ending = extent.depth == 1 ? "png" : "nii.gz"
      let image = try Volume(extent: extent, voxels: extent.positions.map(value))
      try image.write(to: "\(folder)/a.\(ending)")
      let size = extent.sizes.map { _, length in min(length, patch) }
      let grid = try PatchGrid(
        over: extent, patch: Extent(size), overlap: .voxels(overlap), edge: edge, order: order)
      var request = ReportRequest(image: "\(folder)/a.\(ending)", grid: grid)
      if let labels {
        try Volume(extent: extent, voxels: extent.positions.map(labels)).write(to: "\(folder)/l.\(ending)")
        request.overlays = ["\(folder)/l.\(ending)"]
      }
      return try ReportData(request)
    }
  }

  private func gif(_ data: ReportData) throws -> DecodedGIF {
    try withTemporaryFolder { folder in
      try ReportAnimation(data, side: 120).write(to: "\(folder)/a.gif")
      return try #require(DecodedGIF(try fileBytes("\(folder)/a.gif")))
    }
  }

  private func stripes(_ at: Position) -> UInt8 { UInt8(100 + 40 * (at.x % 3) + 10 * (at.y % 5)) }

  private func color(_ gif: DecodedGIF, _ mark: AnimationPalette.Mark) -> [UInt8] {
    gif.palette[Int(mark.rawValue)]
  }

  @Test(
    "a pixel is dark until the first patch over it, and stays as it is at the end",
    arguments: [PatchOrder.xFastest, .zFastest])
  func reveals(order: PatchOrder) throws {
    let data = try data(Self.flat, patch: 7, overlap: 2, order: order, labels: { $0.x > 9 ? 3 : 0 }, stripes)
    let grid = try PatchGrid(
      over: Self.flat, patch: Extent(width: 7, height: 7), overlap: .voxels(2), order: order)
    let gif = try gif(data)
    let pictures = gif.pictures
    #expect(pictures.count == grid.count + 2 && gif.repeats)
    let (first, last) = (pictures[0], pictures[pictures.count - 1])
    // The picture is the image between margins of 8 pixels, and the bar below.
    let (wide, high) = (gif.width - 16, gif.height - 28)
    var (waiting, revealed, marked, wrong) = (0, 0, 0, 0)
    for (index, patch) in grid.enumerated() {
      let seen = grid.prefix(index + 1).map(\.region)
      for row in 0..<high {
        for column in 0..<wide {
          let x = Int((Double(column) + 0.5) / Double(wide) * 24)
          let y = Int((Double(row) + 0.5) / Double(high) * 15)
          let pixel = (row + 8) * gif.width + column + 8
          let found = pictures[index + 1][pixel]
          if found == AnimationPalette.Mark.patch.rawValue {
            if !patch.region.contains(Position(x: x, y: y, z: 0)) { wrong += 1 }
            marked += 1
          } else if seen.contains(where: { $0.contains(Position(x: x, y: y, z: 0)) }) {
            if found != last[pixel] { wrong += 1 }
            // Black is as dark before.
            if found != first[pixel] { revealed += 1 }
          } else {
            if found != first[pixel] { wrong += 1 }
            waiting += 1
          }
        }
      }
    }
    #expect(wrong == 0, "of \(waiting), \(revealed) and \(marked)")
    #expect(waiting > 500 && revealed > 500 && marked > 500)
    #expect(!last.contains(AnimationPalette.Mark.patch.rawValue) && first != last)
  }

  @Test("many patches are shown in even steps, ten in a second, and the end stays for two")
  func times() throws {
    let many = try data(Extent(width: 40, height: 40), patch: 4, overlap: 2, stripes)
    let animation = ReportAnimation(many)
    #expect(animation.patchCount == 361 && animation.shownPatches.count == 120)
    #expect(animation.shownPatches.last == 360 && animation.shownPatches.first == 2)
    let steps = zip(animation.shownPatches.dropFirst(), animation.shownPatches).map { $0.0 - $0.1 }
    #expect(steps.allSatisfy { $0 == 3 || $0 == 4 })
    #expect(try gif(many).frames.map(\.hundredths) == [50] + [Int](repeating: 10, count: 120) + [200])
    let few = try gif(try data(Self.flat, patch: 12, stripes))
    #expect(few.frames.map(\.hundredths) == [50] + [Int](repeating: 50, count: 4) + [200])
    let one = try gif(try data(Self.flat, patch: 24, stripes))
    #expect(one.frames.count == 3)
  }

  @Test("what no patch holds stays dark")
  func lost() throws {
    let gif = try gif(try data(Self.flat, patch: 10, edge: .discard, stripes))
    let pictures = gif.pictures
    let (inside, lost) = (20 * gif.width + 20, 20 * gif.width + gif.width - 20)
    #expect(pictures[0][inside] != pictures[pictures.count - 1][inside])
    #expect(pictures[0][lost] == pictures[pictures.count - 1][lost])
  }

  @Test("labels have the colors of the page over the image")
  func labelColors() throws {
    let gif = try gif(
      try data(Self.flat, patch: 8, labels: { $0.x < 12 ? 2 : $0.y < 7 ? 9 : 0 }) { _ in 5 })
    let end = try #require(gif.pictures.last)
    func color(_ part: Double, _ down: Double) -> [UInt8] {
      let x = Int(Double(gif.width) * part)
      return gif.palette[Int(end[Int(Double(gif.height) * down) * gif.width + x])]
    }
    // Of the labels 0, 2 and 9, 2 is the second and 9 the third. An image of one value is gray.
    let gray = VolumeInfo.Color(red: 128, green: 128, blue: 128)
    for (found, rank) in [(color(0.25, 0.3), 1), (color(0.75, 0.2), 2)] {
      let expected = gray.under(VolumeInfo.Color(ofLabel: rank), share: 0.55)
      for (one, other) in zip(found, [expected.red, expected.green, expected.blue]) {
        #expect(abs(Int(one) - Int(other)) <= 9, "\(found) \(expected)")
      }
    }
    #expect(Set(color(0.75, 0.75)).count == 1)
  }

  @Test("a volume is shown by the slices with most labels, and in space")
  func volume() throws {
    let extent = Extent(width: 20, height: 16, depth: 12)
    let data = try data(
      extent, patch: 8, labels: { $0.z == 3 && $0.x == 14 || $0 == Position(x: 1, y: 9, z: 3) ? 1 : 0 },
      stripes)
    let scene = AnimationScene(data)
    #expect(scene.slices == PerAxis(x: 14, y: 9, z: 3))
    let layout = AnimationLayout(scene, side: 480)
    #expect(ReportAnimation(data).size == (layout.width, layout.height))
    #expect(layout.panes.count == 4 && layout.width <= 481 && layout.height <= 493)
    for (index, pane) in layout.panes.enumerated() {
      for other in layout.panes.dropFirst(index + 1) {
        #expect(
          !pane.frame.columns.overlaps(other.frame.columns) || !pane.frame.rows.overlaps(other.frame.rows))
      }
    }
    // The space shows places on one of the three slices only.
    let space = try #require(layout.panes.first { $0 is SpacePane })
    var (places, astray) = (0, 0)
    for y in 0..<space.frame.rows.count {
      for x in 0..<space.frame.columns.count {
        guard let place = space.place(x: Double(x), y: Double(y)) else { continue }
        let voxel = scene.voxel(at: place)
        if voxel.x == 14 || voxel.y == 9 || voxel.z == 3 { places += 1 } else { astray += 1 }
      }
    }
    #expect(places > 5000 && astray == 0)
    #expect(try gif(data).frames.count == 14)
  }

  @Test("the same report gives the same bytes, and a failed one leaves no file")
  func bytes() throws {
    let data = try data(Self.flat, patch: 8, labels: { UInt8($0.x) }, stripes)
    try withTemporaryFolder { folder in
      for name in ["a", "b"] { try ReportAnimation(data, side: 120).write(to: "\(folder)/\(name).gif") }
      #expect(try fileBytes("\(folder)/a.gif") == fileBytes("\(folder)/b.gif"))
      let error = #expect(throws: VoxtileError.self) {
        try ReportAnimation(data).write(to: "\(folder)/a.gif")
      }
      #expect(error?.code == .targetExists)
      #expect(throws: VoxtileError.self) { try ReportAnimation(data).write(to: "\(folder)/no/a.gif") }
      #expect(try fileNames(in: folder) == ["a.gif", "b.gif"])
    }
  }

  @Test("of several channels the first is shown, and a merged image is revealed over the original")
  func layers() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 16, height: 12, depth: 8)
      func write(_ name: String, channels: Int, _ sign: Int16) throws {
        let voxels = (0..<channels).flatMap { channel in
          extent.positions.map { (channel == 0 ? sign : -sign) * Int16($0.x) }
        }
        try Volume(extent: extent, channels: channels, voxels: voxels).write(to: "\(folder)/\(name).nii.gz")
      }
      try write("a", channels: 2, 1)
      try write("m", channels: 2, -1)
      var request = ReportRequest(
        image: "\(folder)/a.nii.gz", grid: try PatchGrid(over: extent, patch: Extent(8), overlap: .voxels(0)))
      func ends() throws -> (hidden: Double, revealed: Double) {
        let scene = AnimationScene(try ReportData(request))
        let right = PerAxis(x: 0.97, y: 0.5, z: 0.5)
        return (
          scene.hidden.brightness(at: right, channel: 0), scene.revealed.brightness(at: right, channel: 0)
        )
      }
      #expect(try ends() == (1, 1))
      request.merged = "\(folder)/m.nii.gz"
      #expect(try ends() == (1, 0))
    }
  }

  @Test("overlays with nothing to show are passed over, and where all are empty that is known")
  func emptyOverlays() throws {
    try withTemporaryFolder { folder in
      let extent = Extent(width: 16, height: 12, depth: 8)
      func write(_ name: String, _ value: (Position) -> Float) throws {
        try Volume(extent: extent, voxels: extent.positions.map(value)).write(to: "\(folder)/\(name).nii.gz")
      }
      try write("image") { Float($0.x * $0.y) }
      try write("zero") { _ in 0 }
      try write("values") { Float($0.x) / 17 }
      func animation(_ overlays: String...) throws -> (animation: ReportAnimation, tints: Int) {
        var request = ReportRequest(
          image: "\(folder)/image.nii.gz",
          grid: try PatchGrid(over: extent, patch: Extent(8), overlap: .voxels(0)))
        request.overlays = overlays.map { "\(folder)/\($0).nii.gz" }
        let data = try ReportData(request)
        return (ReportAnimation(data), AnimationScene(data).overlay.tints.count)
      }
      let both = try animation("zero", "values")
      #expect(both.tints > 1 && !both.animation.overlaysAreEmpty)
      let zero = try animation("zero", "zero")
      #expect(zero.tints == 0 && zero.animation.overlaysAreEmpty)
      let none = try animation()
      #expect(none.tints == 0 && !none.animation.overlaysAreEmpty)
    }
  }

  @Test("the box of a patch ends where the image does")
  func padding() throws {
    let data = try data(Self.flat, patch: 10, edge: .pad(.both), stripes)
    let patches = AnimationScene(data).patches
    for index in 0..<patches.count {
      let box = patches.box(index)
      #expect(
        box.x.lowerBound >= 0 && box.x.upperBound <= 24 && box.y.lowerBound >= 0 && box.y.upperBound <= 15)
      #expect(!box.x.isEmpty && !box.y.isEmpty && box.z == 0..<1)
    }
    #expect(data.patches.x[0][0] < 0)
  }
}
