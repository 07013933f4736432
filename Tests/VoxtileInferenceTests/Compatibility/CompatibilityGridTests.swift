import Testing
import Voxtile
import VoxtileInference

@Suite("Grids of other systems") struct CompatibilityGridTests {
  private func starts(_ mode: Compatibility, _ row: CompatibilityGolden.Starts, _ overlap: Overlap) throws
    -> [Int]
  {
    let grid = try mode.grid(
      over: Extent(width: row.length, height: 1), patch: Extent(width: row.patch, height: 1),
      overlap: PerAxis(x: overlap, y: .voxels(0), z: .voxels(0)))
    return grid.axes.x.starts
  }

  @Test("patches start where MONAI starts them", arguments: [Compatibility.monai, .monaiConstant])
  func monai(mode: Compatibility) throws {
    let rows = try #require(CompatibilityGolden.load().starts["monai"])
    #expect(rows.count > 1000)
    for row in rows { #expect(try starts(mode, row, .fraction(row.overlap)) == row.starts, "\(row)") }
  }

  @Test("patches start where nnU-Net starts them, and one that it would run twice is refused")
  func nnUNet() throws {
    let rows = try #require(CompatibilityGolden.load().starts["nnunet"])
    var (placed, refused) = (0, 0)
    // A patch of one voxel is the planar configuration, whose slices have no step.
    for row in rows where row.patch > 1 {
      let expected = try #require(row.starts)
      if Set(expected).count < expected.count {
        let error = #expect(throws: VoxtileError.self, "\(row)") {
          try starts(.nnUNet, row, .fraction(row.overlap))
        }
        #expect(error?.code == .invalidGrid && error?.context.axis == .x)
        refused += 1
      } else if let found = try? starts(.nnUNet, row, .fraction(row.overlap)) {
        #expect(found == expected, "\(row)")
        placed += 1
      } else {
        Issue.record("\(row) is refused")
      }
    }
    #expect(placed > 1000 && refused > 10)
  }

  @Test("nnU-Net's planar configuration predicts every slice")
  func slices() throws {
    let grid = try Compatibility.nnUNet.grid(
      over: Extent(width: 20, height: 20, depth: 5), patch: Extent(width: 8, height: 8))
    #expect(grid.axes.z.starts == [0, 1, 2, 3, 4])
    #expect(grid.axes.x.starts == [0, 4, 8, 12])
  }

  @Test(
    "patches start where TorchIO starts them, and what it refuses is refused",
    arguments: [Compatibility.torchIOCrop, .torchIOAverage, .torchIOHann])
  func torchIO(mode: Compatibility) throws {
    try check(mode, #require(CompatibilityGolden.load().starts["torchio"]))
  }

  @Test("patches start where Patchly starts them, and what it refuses is refused")
  func patchly() throws {
    try check(.patchly, #require(CompatibilityGolden.load().starts["patchly"]))
  }

  private func check(_ mode: Compatibility, _ rows: [CompatibilityGolden.Starts]) throws {
    #expect(rows.contains { $0.starts == nil } && rows.count { $0.starts != nil } > 200)
    for row in rows {
      let overlap = Overlap.voxels(Int(row.overlap))
      if let expected = row.starts {
        #expect(try starts(mode, row, overlap) == expected, "\(row)")
      } else {
        let error = #expect(throws: VoxtileError.self, "\(row)") { try starts(mode, row, overlap) }
        #expect(error?.code == .invalidGrid && error?.context.axis == .x, "\(row)")
      }
    }
  }

  @Test("the vectors that are known by hand")
  func known() throws {
    func starts(_ mode: Compatibility, _ length: Int, _ patch: Int, _ overlap: Overlap) throws -> [Int] {
      try mode.grid(
        over: Extent(length), patch: Extent(patch), overlap: overlap
      ).axes.y.starts
    }
    #expect(try starts(.nnUNet, 110, 64, .fraction(0.5)) == [0, 23, 46])
    #expect(try starts(.monai, 110, 64, .fraction(0.5)) == [0, 32, 46])
    #expect(try starts(.monai, 110, 64, .fraction(0.25)) == [0, 46])
    #expect(try starts(.torchIOCrop, 110, 64, .voxels(32)) == [0, 32, 46])
    #expect(try starts(.nnUNet, 100, 32, .fraction(0.5)) == [0, 14, 27, 41, 54, 68])
    #expect(try starts(.patchly, 100, 32, .voxels(16)) == [0, 14, 28, 42, 56, 68])
    #expect(try starts(.patchly, 300, 128, .voxels(64)) == [0, 58, 116, 172])
    #expect(try starts(.tutorial, 10, 4, .voxels(1)) == [0, 3, 6])
    #expect(try starts(.tutorial, 11, 4, .voxels(1)) == [0, 3, 6])
  }

  @Test("nnU-Net's step is the decimal fraction that a person writes, not what is left of it")
  func decimalStep() throws {
    // 1 - 0.9 is less than 0.1, with which 10 voxels in steps of 1 would need 12 patches.
    let grid = try Compatibility.nnUNet.grid(
      over: Extent(width: 20, height: 1), patch: Extent(width: 10, height: 1), overlap: .fraction(0.9))
    #expect(grid.axes.x.starts == Array(0...10))
  }

  @Test("an image smaller than the patch is padded around, or refused with both sizes")
  func smallImages() throws {
    let (extent, patch) = (Extent(width: 5, height: 20, depth: 9), Extent(8))
    for mode in Compatibility.allCases {
      if mode.padsSmallImages {
        let grid = try mode.grid(over: extent, patch: patch)
        #expect(grid.axes.x.starts == [-1])
        #expect(grid[0].padding == .constant(0) && grid.patch == patch)
        #expect(grid.coverage.lostVoxels == 0)
      } else {
        let error = #expect(throws: VoxtileError.self) { try mode.grid(over: extent, patch: patch) }
        #expect(error?.code == .invalidGrid)
        #expect(error?.message.contains("patch width 8 exceeds image width 5") == true)
      }
    }
  }

  @Test("TorchIO's overlap is even, and the error names both even neighbors")
  func oddOverlap() {
    for mode in [Compatibility.torchIOCrop, .torchIOAverage, .torchIOHann] {
      let error = #expect(throws: VoxtileError.self) {
        try mode.grid(over: Extent(20), patch: Extent(8), overlap: .voxels(3))
      }
      #expect(error?.code == .invalidGrid)
      #expect(error?.message.contains("use 2 or 4") == true)
    }
  }

  @Test("sizes and overlaps out of range are refused by every mode", arguments: Compatibility.allCases)
  func outOfRange(mode: Compatibility) {
    func fails(_ extent: Extent, _ patch: Extent, _ overlap: Overlap) {
      let error = #expect(throws: VoxtileError.self) {
        try mode.grid(over: extent, patch: patch, overlap: PerAxis(overlap))
      }
      #expect(error?.code == .invalidGrid)
    }
    for overlap in [Overlap.voxels(8), .voxels(-2), .fraction(1), .fraction(-0.1), .fraction(.nan)] {
      fails(Extent(20), Extent(8), overlap)
    }
    fails(Extent(0), Extent(8), .voxels(0))
    if mode.description.hasPrefix("monai") {
      #expect(throws: Never.self) { try mode.grid(over: Extent(20), patch: Extent(0)) }
    } else {
      fails(Extent(20), Extent(0), .voxels(0))
    }
    fails(Extent(width: Int(Int32.max), height: 1), Extent(width: 2, height: 1), .voxels(0))
    fails(Extent(width: Int(Int32.max) + 1, height: 1), Extent(width: 2, height: 1), .voxels(0))
  }

  @Test("MONAI takes a patch size of 0 for the whole axis")
  func wholeAxis() throws {
    let grid = try Compatibility.monai.grid(
      over: Extent(width: 20, height: 30, depth: 7), patch: Extent(width: 8, height: 8, depth: 0))
    #expect(grid.patch == Extent(width: 8, height: 8, depth: 7))
    #expect(grid.axes.z.starts == [0])
  }

  @Test("every mode uses its own overlap where none is given")
  func defaults() throws {
    func stride(_ mode: Compatibility) throws -> Int {
      try mode.grid(over: Extent(64), patch: Extent(16)).axes.x.starts[1]
    }
    #expect(try stride(.monai) == 12)
    #expect(try stride(.nnUNet) == 8)
    #expect(try stride(.torchIOHann) == 16)
    #expect(try stride(.patchly) == 16)
    #expect(try stride(.tutorial) == 12)
    for mode in Compatibility.allCases {
      if case .fraction = mode.defaultOverlap {
        #expect(mode.overlapUnit == .fraction)
      } else {
        #expect(mode.overlapUnit == .voxels)
      }
    }
  }

  @Test("names on the command line are the ones that are documented, and read back")
  func names() {
    #expect(
      Compatibility.allCases.map(\.description) == [
        "monai", "monai-constant", "nnunet", "nnunet-half", "torchio-crop", "torchio-average", "torchio-hann",
        "patchly",
        "tutorial",
      ])
    for mode in Compatibility.allCases {
      #expect(Compatibility(mode.description) == mode)
      #expect(!mode.summary.isEmpty && !mode.notes.isEmpty)
    }
    #expect(Compatibility("nnU-Net") == nil)
  }
}
