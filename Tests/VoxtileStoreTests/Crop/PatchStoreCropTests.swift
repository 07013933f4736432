import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats
@testable import VoxtileStore

@Suite("Crop to files, and merge")
struct PatchStoreCropTests {
  /// Cuts, merges, and compares: voxels bit for bit where covered, the fill elsewhere, and the header.
  private func roundTrip(
    _ image: TestImage, _ ending: String, _ settings: GridSettings, format: String? = nil,
    _ comment: Comment
  ) throws {
    try withTemporaryFolder { folder in
      let (input, output) = ("\(folder)/in.\(ending)", "\(folder)/out.\(ending)")
      try image.write(to: input)
      let store = try PatchStore.crop(
        input, into: "\(folder)/patches", settings: settings, options: .init(fileExtension: format))
      let report = try store.merge(to: output, options: .init(fill: 1))

      let (found, expected) = (try ImageFormats.open(output).info, try ImageFormats.open(input).info)
      #expect(found.metadata == expected.metadata, comment)
      #expect(found.extent == expected.extent && found.channels == expected.channels, comment)
      #expect(found.scalarType == expected.scalarType && found.scaling == expected.scaling, comment)
      #expect(found.isLabelMap == expected.isLabelMap, comment)
      let (merged, original) = (try storedBytes(output), try storedBytes(input))
      let coverage = store.manifest.grid.coverage
      #expect(report.uncoveredVoxels == coverage.lostVoxels, comment)
      if report.uncoveredVoxels == 0 {
        #expect(merged == original, comment)
      } else {
        try expectFill(output, input, coverage, comment)
      }
    }
  }

  /// Exactly the voxels that no patch holds have the fill value.
  private func expectFill(
    _ output: String, _ input: String, _ coverage: Coverage, _ comment: Comment
  ) throws {
    let (merged, original) = (try storedValues(output), try storedValues(input))
    let extent = try ImageFormats.open(input).info.extent
    let positions = extent.positions
    for index in merged.indices {
      let isCovered = coverage.count(at: positions[index % positions.count]) > 0
      #expect(merged[index] == (isCovered ? original[index] : 1), comment)
    }
  }

  @Test(
    "every scalar type, edge policy and NIfTI ending comes back bit for bit", arguments: ["nii", "nii.gz"])
  func everyTypeAndPolicy(ending: String) throws {
    for type in ScalarType.allCases {
      for (index, edge) in EdgePolicy.allCases.enumerated() {
        let settings = GridSettings.with(
          Extent(width: 4, height: 5, depth: 3), 1, edge, padding: .reflect,
          order: index % 2 == 0 ? .xFastest : .zFastest)
        try roundTrip(
          TestImage(Extent(width: 9, height: 7, depth: 5), type), ending, settings,
          "\(type) \(edge) .\(ending)")
      }
    }
  }

  @Test("2D images of 8 and 16 bits and 1 to 4 channels come back bit for bit, as PNG and as NIfTI")
  func planar() throws {
    for type in [ScalarType.uint8, .uint16] {
      for (channels, edge) in zip([1, 2, 3, 4, 3, 1], EdgePolicy.allCases) {
        for format in ["png", "nii", nil] {
          let image = TestImage(
            Extent(width: 11, height: 10), channels: channels, type, affine: Affine(spacing: PerAxis(1)))
          try roundTrip(
            image, "png", .with(Extent(width: 4, height: 5), 2, edge, padding: .wrap), format: format,
            "\(type) \(channels) \(edge) as \(format ?? "own")")
        }
      }
    }
  }

  @Test(
    "series, label maps and scaled scans keep their channels, intent and scaling",
    arguments: EdgePolicy.allCases)
  func meaning(edge: EdgePolicy) throws {
    let extent = Extent(width: 8, height: 6, depth: 7)
    let settings = GridSettings.with(Extent(4), 1, edge, padding: .symmetric)
    try roundTrip(TestImage(extent, channels: 3, .int16), "nii.gz", settings, "series")
    try roundTrip(TestImage(extent, channels: 2, .float32), "nii", settings, "float series")
    try roundTrip(
      TestImage(extent, .uint8, isLabelMap: true, content: .regions), "nii.gz", settings, "labels")
    // A fill of 1 is stored as 22, which is left to a test of its own.
    if edge != .discard {
      let scaling = VolumeInfo.Scaling(slope: 0.5, intercept: -10)
      try roundTrip(TestImage(extent, .int16, scaling: scaling), "nii.gz", settings, "scaled")
    }
  }

  @Test("a pair of header and image is cut into single files and comes back")
  func pair() throws {
    try roundTrip(
      TestImage(Extent(width: 7, height: 6, depth: 5), .int16), "hdr", .with(Extent(3), 1), "pair")
  }

  @Test("a patch lies where it was cut from, by its own affine, also before the image")
  func placement() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Extent(width: 8, height: 9, depth: 7), .int16)
      try image.write(to: "\(folder)/in.nii.gz")
      let store = try PatchStore.crop(
        "\(folder)/in.nii.gz", into: "\(folder)/patches", settings: .with(Extent(4), 1, .pad(.both)))
      let origins = store.manifest.grid.map(\.region.origin)
      #expect(origins.contains { $0.x < 0 })
      for patch in store.manifest.grid {
        let found = try ImageFormats.open(store.path(of: patch)).info.metadata.affine.world(x: 0, y: 0, z: 0)
        let origin = patch.region.origin
        let due = TestImage.affine.world(x: Double(origin.x), y: Double(origin.y), z: Double(origin.z))
        #expect(zip(found.all, due.all).allSatisfy { abs($0 - $1) < 1e-4 }, "\(patch)")
      }
    }
  }

  @Test("patch files hold the voxels of their region, made-up ones included")
  func voxels() throws {
    try withTemporaryFolder { folder in
      let image = TestImage(Extent(width: 6, height: 5, depth: 4), channels: 2, .int32)
      try image.write(to: "\(folder)/in.nii.gz", seed: 3)
      let volume = try image.volume(seed: 3, as: Int32.self)
      for padding in [Padding.constant(-7), .edge, .reflect, .symmetric, .wrap] {
        let store = try PatchStore.crop(
          "\(folder)/in.nii.gz", into: "\(folder)/patches",
          settings: .with(Extent(4), 1, .pad(.both), padding: padding), options: .init(isReplacing: true))
        for patch in store.manifest.grid {
          let expected = naiveCrop(
            volume.voxels, extent: volume.extent, channels: 2, region: patch.region, padding: padding,
            constant: -7)
          #expect(try storedValues(store.path(of: patch)) == expected.map(Double.init), "\(padding) \(patch)")
        }
        let report = try store.verify(against: "\(folder)/in.nii.gz")
        #expect(report.findings.isEmpty, "\(padding)")
      }
    }
  }

  @Test("a padding constant is a real value where the image has a scaling")
  func scaledPadding() throws {
    try withTemporaryFolder { folder in
      let scaling = VolumeInfo.Scaling(slope: 0.5, intercept: -10)
      let image = TestImage(Extent(width: 3, height: 1, depth: 1), .int16, scaling: scaling)
      try image.write(to: "\(folder)/in.nii")
      let store = try PatchStore.crop(
        "\(folder)/in.nii", into: "\(folder)/patches",
        settings: .with(Extent(width: 4, height: 1), 0, .pad(.end), padding: .constant(5)))
      let patch = try #require(store.manifest.grid.first)
      #expect(try storedValues(store.path(of: patch)).last == 30)
      #expect(store.manifest.grid.settings.padding == .constant(5))
      #expect(try store.verify(against: "\(folder)/in.nii").findings.isEmpty)
    }
  }

  @Test("a scaled image cannot become PNG patches, which hold no real values")
  func scaledPNG() throws {
    try withTemporaryFolder { folder in
      let scaling = VolumeInfo.Scaling(slope: 2, intercept: 0)
      try TestImage(Extent(width: 4, height: 4), .uint8, scaling: scaling).write(to: "\(folder)/in.nii")
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(
          "\(folder)/in.nii", into: "\(folder)/patches", settings: .with(Extent(width: 2, height: 2), 0),
          options: .init(fileExtension: "png"))
      }
      #expect(error?.code == .unsupportedFormat && error?.message.contains("float32") == true)
      #expect(try fileNames(in: folder) == ["in.nii"])
    }
  }

  @Test("an image whose affine places voxels nowhere is refused when it is opened")
  func infinitePlace() throws {
    try withTemporaryFolder { folder in
      var rows = TestImage.affine.rows
      rows[1][1] = 1e300
      let info = TestImage(Extent(width: 40, height: 3, depth: 2), .uint8, affine: Affine(rows: rows)).info
      #expect(throws: VoxtileError.self) { try info.checkGeometry() }
      #expect(throws: Never.self) {
        try TestImage(Extent(width: 40, height: 3, depth: 2), .uint8).info.checkGeometry()
      }
      rows[1][1] = .nan
      let reader = VolumeInfo(
        extent: Extent(1), scalarType: .uint8, metadata: VolumeMetadata(affine: Affine(rows: rows)))
      let error = #expect(throws: VoxtileError.self) { try reader.checkGeometry() }
      #expect(error?.message.contains("affine") == true)
    }
  }

  @Test("a grid over another extent is refused before anything is written", arguments: [7, 9])
  func gridOverAnotherExtent(width: Int) throws {
    try withTemporaryFolder { folder in
      try TestImage(Extent(8), .int16).write(to: "\(folder)/in.nii")
      let grid = try PatchGrid(
        over: Extent(width: width, height: 8, depth: 8), settings: .with(Extent(4), 0))
      let error = #expect(throws: VoxtileError.self) {
        try PatchStore.crop(
          ImageFormats.open("\(folder)/in.nii"), of: "\(folder)/in.nii", into: "\(folder)/patches", grid: grid
        )
      }
      #expect(error?.code == .shapeMismatch && error?.context.file == "\(folder)/in.nii")
      #expect(error?.message.contains("\(width)x8x8") == true)
      #expect(try fileNames(in: folder) == ["in.nii"])
    }
  }

  @Test("a padded patch larger than memory is refused before anything is allocated")
  func hugePatch() throws {
    try withTemporaryFolder { folder in
      try TestImage(Extent(4), .float64).write(to: "\(folder)/in.nii")
      for side in [1 << 20, 1 << 15] {
        let error = #expect(throws: VoxtileError.self) {
          try PatchStore.crop(
            "\(folder)/in.nii", into: "\(folder)/patches", settings: .with(Extent(side), 0, .pad(.end)))
        }
        #expect(error?.code == .invalidGrid && error?.message.contains("memory") == true)
      }
      #expect(try fileNames(in: folder) == ["in.nii"])
    }
  }
}
