import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats
import VoxtileStore

extension PlanCommand {
  /// Proposes patch sizes and overlaps.
  func runFit() async throws {
    if let size = input.first(where: { PlannedSize($0) != nil }), fit.model != nil {
      throw ValidationError("--model is timed on a scan, but \(size) is a size; name a file")
    }
    let network = try await fit.loadNetwork(jobs: limits.limits.jobs)
    let scans = try self.scans(for: network)
    let placement = grid.layout.placement
    let (edge, padding) = (try placement.edge(over: scans.size), placement.paddingOrZero)
    var model = try network.map {
      try FitModel($0, fit, over: scans.size, limits: limits, edge: edge, padding: padding)
    }
    let kinds = try scans.kinds { try model?.scan($0) ?? GridFit.Scan($0) }
    var search = try self.search(over: kinds.map(\.scan), size: scans.size, model: model)
    (search.edge, search.padding) = (edge, padding)
    try await model?.measureMemory(search.multiple, over: kinds[0].readers)
    try await model?.findReach(
      fit, patch: grid.patch, channels: kinds[0].readers.reduce(0) { $0 + $1.info.channels },
      shown: search.isPlanar ? scans.size.slice : scans.size)
    let proposals = try await self.proposals(of: search, over: kinds, model: &model)
    let readers = kinds.map(\.readers)
    let most = limits.limits.onThisMachine.memory
    let exact = try model?.exactGrids(over: readers, search: search, limit: most) ?? []
    var free = search
    free.keepsPatch = false
    let truth =
      try search.keepsPatch ? model?.exactGrids(over: readers, search: free, limit: most).first : exact.first
    let losses = try await model?.losses(of: proposals, over: readers[0], exact: truth)
    let isPlanar = scans.size.isPlanar || search.isPlanar
    let summary = FitSummary(
      scans: scans.scans.count, edge: search.edge.all.map(\.description), memoryLimit: limits.limits.memory,
      model: fit.model, networkBytesPerVoxel: model?.bytesPerVoxel,
      reach: model?.reach.map { FitSummary.Reach($0, alignment: exact.first?.alignment) },
      orientation: model?.orientation?.description, multipleOf: search.multiple.all,
      proposals: try proposals.enumerated().map { number, proposal in
        let seconds = try kinds.compactMap {
          try model?.plan(proposal.patch, proposal.overlap, over: $0.readers)?.seconds
        }
        return FitSummary.Proposal(
          proposal, rank: number + 1, seconds: seconds.max(), loss: losses?[number])
      },
      exact: exact.enumerated().map { FitSummary.Proposal($1, rank: $0 + 1) })
    if printing.json {
      try Console.printJSON(summary)
    } else {
      let lines = summary.lines(over: scans, isPlanar: isPlanar, on: .output)
      try Console.result(lines.joined(separator: "\n"))
    }
    if !scans.sizes.isEmpty { Console.note(PlannedSize.assumption(of: scans.sizes)) }
    if let remark = summary.remark(isPlanar: isPlanar) { Console.note(remark) }
    if let remark = try model?.spacingRemark(over: readers[0][0].info) { Console.note(remark) }
    if let remark = summary.lossRemark { Console.note(remark) }
    if let remark = summary.exactRemark(isPlanar: isPlanar) { Console.note(remark) }
    if let best = proposals.first { sayFewerPatches(than: best, of: search) }
  }

  /// The scans that are meant; those of several files only for a network.
  private func scans(for network: LoadedNetwork?) throws -> FitScans {
    if let table = try tables.list(input) { return try FitScans(table, takesAll: network != nil) }
    let taken = network?.model.signature.input.channels
    let naming = network == nil ? .single : fit.channels.naming?.naming ?? .automatic(channels: taken)
    return try FitScans(input, search: folders, naming: naming, areChannels: fit.channels.asChannels)
  }

  /// Finds the proposals; a network is timed with the best patch.
  private func proposals(
    of search: GridFit, over kinds: [FitScans.Kind], model: inout FitModel?
  ) async throws -> [GridFit.Proposal] {
    try await model?.time(search.patchToTry(), over: kinds[0].readers)
    let memory =
      model?.memory(over: kinds.map(\.readers), limit: limits.limits.memory)
      ?? GridFit.cropAndMerge(
        kinds.map { $0.readers[0].info }, isRandomAccess: kinds.allSatisfy { $0.readers[0].isRandomAccess },
        limits: limits.limits
      )
    let proposals = try search.proposals { grid, scan in
      try Interrupt.check()
      return try memory(grid, scan)
    }
    if let best = proposals.first, try best.patch != search.patchToTry() {
      // The classes, which the memory depends on, are known only now; the time has to be that of the proposed patch.
      try await model?.time(best.patch, over: kinds[0].readers)
    }
    return proposals
  }

  /// Prints how few patches `--edge shift` takes where `discard` takes very many to lose nothing.
  private func sayFewerPatches(than best: GridFit.Proposal, of search: GridFit) {
    guard search.edge.all.contains(.discard), best.redundancy > 8 else { return }
    var shifted = search
    shifted.edge = search.edge.map { _, edge in edge == .discard ? .shift : edge }
    (shifted.patch, shifted.keepsPatch) = (best.patch, true)
    // Needs no check of memory: fewer patches of the same size fit where more do.
    guard let fewer = try? shifted.proposals(count: 1, memory: { _, _ in 0 }).first?.patches,
      fewer < best.patches
    else { return }
    Console.note(
      "its patches are \(Console.rounded(best.redundancy, decimals: 1)) times the scan; --edge shift loses nothing with "
        + Console.count(fewer, "patch"))
  }

  private func search(over scans: [GridFit.Scan], size: ImageSize, model: FitModel?) throws -> GridFit {
    let isPlanar = model?.isPlanar ?? false
    let shown = isPlanar ? size.slice : size
    let fixed = model?.fixedPatch
    var asked = try grid.patch?.extent(over: shown) ?? fixed ?? model?.trainedPatch
    if let fixed, grid.patch != nil, asked != fixed {
      throw ValidationError(
        "the network takes patches of \(fixed) only; leave out --patch")
    }
    if isPlanar, let patch = asked { asked = Extent(width: patch.width, height: patch.height) }
    if fit.keep.contains(.patch), asked == nil {
      throw ValidationError("--keep patch needs --patch, or a network that has a size")
    }
    if asked == nil, limits.memory == nil {
      throw ValidationError("--fit needs --memory, or --patch with the size that you would like")
    }
    let usual: OverlapArgument = model == nil ? .quarter : .half
    let overlap = grid.layout.placement.overlap ?? usual
    var search = GridFit(
      scans: scans,
      overlap: try overlap.size.expanded(over: shown, planar: .voxels(0), option: "--overlap"))
    search.patch = asked
    search.keepsPatch = fixed != nil || fit.keep.contains(.patch)
    search.keepsOverlap = fit.keep.contains(.overlap)
    search.multiple = try fit.multiple(over: shown, patch: asked, model: model?.patchMultiple)
    try checkKept(by: search)
    search.order = grid.layout.order ?? .xFastest
    search.padsSmallScans = model != nil
    search.isPlanar = isPlanar
    return search
  }

  /// Checks that what is kept contradicts no other option.
  private func checkKept(by search: GridFit) throws {
    guard let patch = search.patch, search.keepsPatch else { return }
    for axis in Axis.allCases where patch[axis] > 1 {
      if fit.multipleOf != nil, !patch[axis].isMultiple(of: search.multiple[axis]) {
        throw ValidationError(
          "--keep patch keeps \(patch), which is not a multiple of \(search.multiple[axis]) along \(axis); leave out --multiple-of"
        )
      }
      do {
        _ = try search.overlap[axis].voxels(patch: patch[axis], axis: axis)
      } catch {
        throw ValidationError(error.message)
      }
    }
  }
}
