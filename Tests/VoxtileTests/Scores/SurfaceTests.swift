import Testing
import VoxtileTestSupport

@testable import Voxtile

@Suite("Surfaces") struct SurfaceTests {
  @Test("the six shapes of a mesh have the areas that geometry says")
  func shapes() {
    let areas = SurfaceElements.inVolume(spacing: PerAxis(1)).areas
    let root3 = 3.0.squareRoot()
    let expected: [(corners: [Int], area: Double)] = [
      ([], 0), ([0], root3 / 8), ([0, 1], 2.0.squareRoot() / 2), ([0, 1, 2], 0.5 + 0.375 * root3),
      ([0, 1, 2, 3], 1), ([0, 1, 2, 4], 0.75 * root3), ([0, 7], root3 / 4),
    ]
    for (corners, area) in expected {
      let code = corners.reduce(0) { $0 | 1 << $1 }
      #expect(abs(areas[code] - area) < 1e-12, "\(corners)")
      #expect(areas[code] == areas[255 - code], "\(corners)")
    }
    // The face of voxels of 2 x 3 x 5 mm across each axis.
    let faces = SurfaceElements.inVolume(spacing: PerAxis(x: 2, y: 3, z: 5)).areas
    let across: [Double] = [faces[0xf], faces[0x33], faces[0x55]]
    #expect(across == [15, 10, 6] as [Double])
    let lines = SurfaceElements.inImage(spacing: PerAxis(x: 3, y: 4, z: 1)).areas
    let expectedLines: [Double] = [0, 2.5, 2.5, 4, 2.5, 3, 5, 2.5, 2.5, 5, 3, 2.5, 4, 2.5, 2.5, 0]
    #expect(lines == expectedLines)
  }

  @Test("distances are the same bits for any number of threads and any memory, and by a search of all points")
  func blocks() throws {
    for golden in try ScoreGolden.all().prefix(25) {
      for definition in SurfaceDefinition.allCases {
        let maps = try [golden.reference, golden.prediction].map { mask in
          let volume = try golden.volume(mask)
          var rows = LabelRows(extent: volume.extent)
          for row in try LabelRun.rows(of: volume, labels: nil) { rows.append(row) }
          return rows
        }
        let layers = maps.map {
          SurfaceLayers(
            map: $0, label: 1, box: Region(golden.extent), definition: definition,
            isPlanar: golden.shape.count == 2)
        }
        let spacing = PerAxis(x: 0.75, y: 1.5, z: 2)
        func distances(_ jobs: Jobs, maximumBytes: Int) -> SurfaceDistances.Distribution {
          SurfaceMeasurement(
            source: layers[0], target: layers[1], spacing: spacing, areas: (0..<256).map { Double($0) * 0.1 },
            jobs: jobs, maximumBytes: maximumBytes
          ).distances()
        }
        let whole = distances(.one, maximumBytes: 1 << 20)
        #expect(distances(Jobs(3), maximumBytes: 1) == whole)
        let found = points(layers[0]).map { point in
          points(layers[1]).map { other in
            let (x, y, z) = (
              Double(point.x - other.x) * spacing.x, Double(point.y - other.y) * spacing.y,
              Double(point.z - other.z) * spacing.z
            )
            return (z * z + y * y + x * x).squareRoot()
          }.min() ?? .infinity
        }
        #expect(whole.steps.map(\.distanceMillimeters) == Set(found).sorted())
      }
    }
  }

  private func points(_ layers: SurfaceLayers) -> [Position] {
    (0..<layers.extent.depth).flatMap { z in
      (layers.codes(ofLayer: z) ?? []).enumerated().filter { $0.element != 0 }.map {
        Position(x: $0.offset % layers.extent.width, y: $0.offset / layers.extent.width, z: z)
      }
    }
  }

  @Test("scores of empty masks are undefined with the reason, and surface Dice of a miss is 0")
  func empty() throws {
    let mask = try Volume(extent: Extent(2), voxels: [1, 0, 0, 0, 0, 0, 0, 0] as [UInt8])
    let none = Volume<UInt8>(extent: Extent(2), repeating: 0)
    for definition in SurfaceDefinition.allCases {
      func distances(_ reference: Volume<UInt8>, _ prediction: Volume<UInt8>) throws -> SurfaceDistances {
        try LabelComparison(reference: VolumeInMemory(reference), prediction: VolumeInMemory(prediction))
          .surfaceDistances(of: 1, surface: definition)
      }
      for (reference, prediction, reason) in [
        (none, none, Score.Reason.bothEmpty), (none, mask, .referenceEmpty), (mask, none, .predictionEmpty),
      ] {
        let found = try distances(reference, prediction)
        #expect(found.hausdorffMillimeters(percent: 95) == .undefined(reason))
        #expect(found.averageMillimeters == .undefined(reason))
        #expect(
          found.surfaceDice(toleranceMillimeters: 1)
            == (reason == .predictionEmpty ? .value(0) : .undefined(reason)))
      }
      let same = try distances(mask, mask)
      #expect(
        same.hausdorffMillimeters() == .value(0) && same.surfaceDice(toleranceMillimeters: 0) == .value(1))
    }
  }

  @Test("the 95th percentile of 20 equal areas is the 19th distance")
  func percentile() {
    let steps = (1...20).map {
      SurfaceDistances.Distribution.Step(distanceMillimeters: Double($0), area: 0.1)
    }
    let distribution = SurfaceDistances.Distribution(steps.reversed())
    #expect(
      distribution.distance(coveringPercent: 95) == 19 && distribution.distance(coveringPercent: 95.1) == 20)
    #expect(
      distribution.distance(coveringPercent: 0) == 1 && distribution.distance(coveringPercent: 100) == 20)
    let voxels = SurfaceDistances.Distribution(
      [
        .init(distanceMillimeters: 1, area: 3), .init(distanceMillimeters: 2, area: 1),
        .init(distanceMillimeters: 4, area: 1),
      ])
    // numpy.percentile([1, 1, 1, 2, 4], ...)
    #expect(voxels.interpolatedPercentile(75) == 2 && abs(voxels.interpolatedPercentile(95) - 3.6) < 1e-12)
  }
}
