internal import CVoxtileKernels

/// Merges the slices of a box with the kernels of the C target, for patches of the type of the result.
struct BoxKernel {
  /// The most patches that may lie over a voxel.
  static var mostPatches: Int { Int(VOXTILE_MOST_PATCHES) }

  let work: BoxWork
  let instructions: KernelInstructions

  /// Merges every slice.
  ///
  /// - Parameters:
  ///   - patches: the patches, among them those at the ``BoxWork/places``.
  ///   - output: the memory of the box.
  ///   - undecided: is called for each run of a vote with the voxels whose label has to be counted: for each its row in the
  ///     box, times the length of the run, plus its column in the run.
  @specialized(where Scalar == UInt8)
  @specialized(where Scalar == Int8)
  @specialized(where Scalar == UInt16)
  @specialized(where Scalar == Int16)
  @specialized(where Scalar == UInt32)
  @specialized(where Scalar == Int32)
  @specialized(where Scalar == UInt64)
  @specialized(where Scalar == Int64)
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @inline(never)
  func merge<Scalar: VoxelScalar>(
    _ patches: PatchParts<Scalar>, into output: BoxOutput<Scalar>,
    undecided: (_ slice: Int, BoxRun, Span<Int32>, inout MutableSpan<Scalar>) -> Void
  ) {
    let votes = work.runs.filter { $0.operation == .vote }.map(\.columns.count).reduce(0, +)
    precondition(
      votes * work.box.rows.count <= Int(Int32.max), "\(votes) columns are too many to vote on at a time")
    var sources: [BoxSource] = []
    sources.reserveCapacity(work.places.count)
    Self.withSources(of: patches, at: work.places, over: work.box, &sources) { sources in
      withBox(of: sources, type: Scalar.scalarType) { box in
        var places = [Int32](repeating: 0, count: votes * work.box.rows.count)
        var counts = [Int](repeating: 0, count: work.runs.count)
        for slice in 0..<work.box.slices.count {
          output.withSlice(slice) { target in
            target.withUnsafeMutableBytes { target in
              places.withUnsafeMutableBufferPointer { places in
                counts.withUnsafeMutableBufferPointer { counts in
                  // Without a vote there is no room for places.
                  voxtile_merge_slice(
                    &box, instructions.value, slice, target.baseAddress,
                    votes > 0 ? places.baseAddress : nil, counts.baseAddress)
                }
              }
            }
            var first = 0
            for (run, count) in zip(work.runs, counts) where count > 0 {
              undecided(slice, run, places.span.extracting(first..<first + count), &target)
              first += count
            }
          }
        }
      }
    }
  }

  /// Calls a body with where each patch lies in memory, beginning with the first whose source is not known yet.
  @specialized(where Scalar == UInt8)
  @specialized(where Scalar == Int8)
  @specialized(where Scalar == UInt16)
  @specialized(where Scalar == Int16)
  @specialized(where Scalar == UInt32)
  @specialized(where Scalar == Int32)
  @specialized(where Scalar == UInt64)
  @specialized(where Scalar == Int64)
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @inline(never)
  private static func withSources<Scalar: VoxelScalar>(
    of patches: PatchParts<Scalar>, at places: [Position], over box: MergeBox,
    _ sources: inout [BoxSource], _ body: ([BoxSource]) -> Void
  ) {
    guard sources.count < places.count else { return body(sources) }
    let patch = patches[places[sources.count]]
    let (region, size) = (patch.region, patch.region.extent)
    let corner = Position(x: region.x.lowerBound, y: box.rows.lowerBound, z: box.slices.lowerBound)
    let offset = patch.offset(of: corner, channel: box.channel)
    patch.volume.voxels.withUnsafeBufferPointer { values in
      sources.append(
        BoxSource(
          first: UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + offset),
          column: region.x.lowerBound, rowStride: size.width, sliceStride: size.width * size.height))
      withSources(of: patches, at: places, over: box, &sources, body)
    }
  }

  /// Calls a body with the box as the kernels know it.
  private func withBox(
    of sources: [BoxSource], type: ScalarType, _ body: (inout voxtile_box) -> Void
  ) {
    var first: [UnsafeRawPointer?] = []
    var rowStrides: [Int] = []
    var sliceStrides: [Int] = []
    for run in work.runs {
      for row in stride(from: 0, to: sources.count, by: work.across.count) {
        for x in run.patches {
          let source = sources[row + x - work.across.lowerBound]
          first.append(source.first + (run.columns.lowerBound - source.column) * type.byteCount)
          rowStrides.append(source.rowStride)
          sliceStrides.append(source.sliceStride)
        }
      }
    }
    first.withUnsafeBufferPointer { first in
      rowStrides.withUnsafeBufferPointer { rowStrides in
        sliceStrides.withUnsafeBufferPointer { sliceStrides in
          work.numbers.withUnsafeBufferPointer { numbers in
            work.floats.withUnsafeBufferPointer { floats in
              let lists = Lists(
                sources: first.baseAddress, rowStrides: rowStrides.baseAddress,
                sliceStrides: sliceStrides.baseAddress, numbers: numbers.baseAddress,
                floats: floats.baseAddress)
              runs(lists).withUnsafeBufferPointer { runs in
                var box = box(lists, type: type)
                box.runs = runs.baseAddress
                body(&box)
              }
            }
          }
        }
      }
    }
  }

  /// The runs as the kernels know them.
  private func runs(_ lists: Lists) -> [voxtile_run] {
    var start = 0
    let perColumn = work.box.patches.y.count * work.box.patches.z.count
    return work.runs.map { run in
      defer { start += perColumn * run.patches.count }
      return voxtile_run(
        operation: voxtile_operation(run.operation), sources: lists.sources.map { $0 + start },
        row_strides: lists.rowStrides.map { $0 + start },
        slice_strides: lists.sliceStrides.map { $0 + start },
        patches_x: Int32(run.patches.count),
        first_column: run.columns.lowerBound - work.box.columns.lowerBound, columns: run.columns.count,
        column_divisors: lists.numbers.map { $0 + run.divisors },
        column_weights: lists.numbers.map { $0 + run.weights },
        column_weights_float: lists.floats.map { $0 + run.floatWeights })
    }
  }

  /// The box as the kernels know it, without its runs.
  private func box(_ lists: Lists, type: ScalarType) -> voxtile_box {
    func list(_ start: Int) -> UnsafePointer<Double>? { lists.numbers.map { $0 + start } }
    return voxtile_box(
      type: voxtile_type(type), value_size: type.byteCount, runs: nil, run_count: work.runs.count,
      slices: work.box.slices.count, rows: work.box.rows.count,
      target_stride: work.box.columns.count, patches_y: Int32(work.box.patches.y.count),
      patches_z: Int32(work.box.patches.z.count), divides: work.divides,
      row_divisors: list(work.rowDivisors), slice_divisors: list(work.sliceDivisors),
      row_weights: list(work.rowWeights), slice_weights: list(work.sliceWeights),
      row_shares: list(work.rowShares), slice_shares: list(work.sliceShares))
  }
}

/// A patch over a box, in memory.
private struct BoxSource {
  /// Its first value along x, in the first row and slice of the box.
  let first: UnsafeRawPointer
  /// The column of the image to which that value belongs.
  let column: Int
  /// The number of values from one row to the next.
  let rowStride: Int
  /// The number of values from one slice to the next.
  let sliceStride: Int
}

/// Where the lists begin in which runs have their parts.
private struct Lists {
  let sources: UnsafePointer<UnsafeRawPointer?>?
  let rowStrides: UnsafePointer<Int>?
  let sliceStrides: UnsafePointer<Int>?
  let numbers: UnsafePointer<Double>?
  let floats: UnsafePointer<Float>?
}

extension voxtile_operation {
  fileprivate init(_ operation: BoxOperation) {
    self =
      switch operation {
      case .copy: VOXTILE_COPY
      case .plainMean: VOXTILE_PLAIN_MEAN
      case .meanByShares: VOXTILE_MEAN_BY_SHARES
      case .weightedMean: VOXTILE_WEIGHTED_MEAN
      case .maximum: VOXTILE_MAXIMUM
      case .vote: VOXTILE_VOTE
      }
  }
}

extension voxtile_type {
  fileprivate init(_ type: ScalarType) {
    self =
      switch type {
      case .uint8: VOXTILE_UINT8
      case .int8: VOXTILE_INT8
      case .uint16: VOXTILE_UINT16
      case .int16: VOXTILE_INT16
      case .uint32: VOXTILE_UINT32
      case .int32: VOXTILE_INT32
      case .uint64: VOXTILE_UINT64
      case .int64: VOXTILE_INT64
      case .float32: VOXTILE_FLOAT32
      case .float64: VOXTILE_FLOAT64
      }
  }
}
