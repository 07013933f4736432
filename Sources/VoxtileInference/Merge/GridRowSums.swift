import Voxtile

/// The weighted sums of one row of the grid: as deep as a layer, as tall as a patch, as wide as the image.
///
/// Lines of voxels have places in a ring, so that those that two rows of the grid share stay where they are. Every voxel
/// adds its patches in the order of the grid, whatever the number of threads.
///
/// Unchecked, because one thread at a time calls it, and those that it starts itself each write lines of their own.
final class GridRowSums: @unchecked Sendable {
  let geometry: MergeSchedule
  /// Values for each voxel.
  let channels: Int
  /// Numbers kept for a voxel: its values, the sum of the weights where that is not known, and where single patches are
  /// compared the first one's winner (from 1 on) and whether another one has a different winner.
  let planes: Int
  let winners: VoxelDecision?
  let votes: LabelVotes?
  let half: HalfSums?
  let shares: PatchShares
  let jobs: Jobs
  let memory: ScratchMemory
  /// The lines that have places.
  let height: Int
  let width: Int
  /// How many slices before those of a layer are held, and lines before those of a row.
  private let linesBefore: Int
  /// The lines that were begun last.
  var unset = UnsetLines()
  /// The slices that are held: the layer's, and those before it.
  private(set) var slices = 0..<0

  /// Makes room.
  ///
  /// - Parameters:
  ///   - winners: says which channel wins in a patch, where patches are to be compared.
  ///   - votes: how labels are kept, where the model gives labels.
  ///   - half: how sums of half precision are kept, where they are of that; the values of all networks are summed then.
  ///   - linesBefore: how many slices before those of a layer are held, and lines before those of a row.
  ///   - residentBytes: how much of it may be in memory at a time.
  /// - Throws: `VoxtileError.Code.fileAccess` where there is none.
  init(
    _ geometry: MergeSchedule, channels: Int, shares: PatchShares, winners: VoxelDecision?,
    votes: LabelVotes? = nil, half: HalfSums? = nil, linesBefore: Int = 0, residentBytes: Int, jobs: Jobs
  ) throws(VoxtileError) {
    self.geometry = geometry
    self.channels = channels * (half?.networks ?? 1)
    self.half = half
    self.shares = shares
    self.jobs = jobs
    self.winners = winners
    self.votes = votes
    planes = Self.planes(
      channels: channels, shares: shares, tracksWinners: winners != nil, votes: votes, half: half)
    self.linesBefore = linesBefore
    height = geometry.tallestRow + linesBefore
    width = geometry.grid.extent.width
    memory = try ScratchMemory(
      byteCount: geometry.rowBytes(planes: planes, linesBefore: linesBefore), residentBytes: residentBytes)
  }

  /// How many numbers are kept for a voxel.
  static func planes(
    channels: Int, shares: PatchShares, tracksWinners: Bool, votes: LabelVotes? = nil, half: HalfSums? = nil
  ) -> Int {
    if let half { return half.planes(channels: channels * half.networks) + (tracksWinners ? 2 : 0) }
    // The weights of labels are kept with them, and show whether patches differ.
    return votes?.planes ?? channels + (shares.needsSums ? 1 : 0) + (tracksWinners ? 2 : 0)
  }

  /// Bytes of one slice of the ring.
  var sliceBytes: Int { planes * height * width * 4 }

  /// Begins a layer.
  func begin(layer: Int) {
    let own = geometry.slices(ofLayer: layer)
    slices = max(0, own.lowerBound - linesBefore)..<own.upperBound
  }

  /// Where a line of one plane lies.
  func place(_ slice: Int, plane: Int, line: Int) -> Int {
    (((slice - slices.lowerBound) * planes + plane) * height + line % height) * width
  }

  /// Calls a body with the parts of a run of lines that lie next to each other.
  func forEachPart<Failure: Error>(
    of lines: Range<Int>, _ body: (Range<Int>) throws(Failure) -> Void
  ) throws(Failure) {
    var first = lines.lowerBound
    while first < lines.upperBound {
      let end = min(lines.upperBound, first + height - first % height)
      try body(first..<end)
      first = end
    }
  }

  /// Begins some lines: with what an earlier layer handed on, or with nothing.
  ///
  /// - Parameter carried: the slices that were handed on.
  /// - Precondition: the lines before are complete.
  func begin(lines: Range<Int>, layer: Int, carried: Range<Int>, from carry: LayerHandover) throws {
    let own = geometry.slices(ofLayer: layer)
    unset = UnsetLines(
      lines, slices: max(own.lowerBound, min(carried.upperBound, own.upperBound))..<own.upperBound)
    for slice in slices {
      memory.willTouch(sliceBytes)
      let sums = memory.values(of: Float.self)
      try forEachPart(of: lines) { part in
        for plane in (unset.slices.contains(slice) ? settablePlanes : 0)..<planes {
          let start = place(slice, plane: plane, line: part.lowerBound)
          let target = UnsafeMutableBufferPointer(rebasing: sums[start..<start + part.count * width])
          if carried.contains(slice) {
            try carry.load(target, slice: slice, plane: plane, line: part.lowerBound)
          } else {
            target.update(repeating: 0)
          }
        }
      }
    }
  }

  /// The planes, from the first one on, whose sums are set by the first patch over them.
  var settablePlanes: Int { votes == nil && half == nil ? channels : 0 }

  /// Clears the sums that no patch of the row has set: it is complete.
  func completeLines() {
    if unset.columns < width, settablePlanes > 0 {
      for slice in unset.slices {
        memory.willTouch(sliceBytes)
        let output = DisjointOutput(memory.values(of: Float.self))
        clear(unset.lines, slice, columns: unset.columns..<width, in: output)
      }
    }
    unset = UnsetLines()
  }

  /// Sets the sums of some columns to 0.
  func clear(
    _ lines: Range<Int>, _ slice: Int, columns: Range<Int>, in output: DisjointOutput<Float>
  ) {
    for plane in 0..<settablePlanes {
      for line in lines {
        let start = place(slice, plane: plane, line: line)
        output.withPart(start + columns.lowerBound..<start + columns.upperBound) { $0.update(repeating: 0) }
      }
    }
  }

  /// Hands lines of a slice on to the next layer.
  func store(lines: Range<Int>, ofSlice slice: Int, to carry: LayerHandover) throws {
    memory.willTouch(sliceBytes)
    let sums = memory.values(of: Float.self)
    try forEachPart(of: lines) { part in
      for plane in 0..<planes {
        let start = place(slice, plane: plane, line: part.lowerBound)
        try carry.store(
          UnsafeBufferPointer(rebasing: sums[start..<start + part.count * width]), slice: slice,
          plane: plane, line: part.lowerBound)
      }
    }
  }
}

/// What the sums of predictions take in memory, in 32-bit floats.
extension MergeSchedule {
  /// Bytes of the sums of one row of the grid, for a number of planes, with slices and lines before it.
  func rowBytes(planes: Int, linesBefore: Int = 0) -> Int {
    (deepestLayer + linesBefore) * planes * (tallestRow + linesBefore) * grid.extent.width * 4
  }

  /// Bytes of what one layer hands on.
  func carryBytes(planes: Int, slicesBefore: Int = 0) -> Int {
    (maxCarriedSlices + slicesBefore) * planes * grid.extent.height * grid.extent.width * 4
  }
}
