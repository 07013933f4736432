import ArgumentParser
import Voxtile
import VoxtileCases
import VoxtileFormats

/// A table of scans.
struct CaseTableOptions: ParsableArguments {
  @Option(
    name: .customLong("cases"),
    help: ArgumentHelp(
      "A table of scans, a CSV file with the columns case, image, image2 and further channels, labels, mask.",
      valueName: "table.csv"), completion: .file(extensions: ["csv", "tsv"]))
  var table: String?

  /// The scans of the table; `nil` where there is none.
  ///
  /// - Parameter columns: which columns beside those of images have a meaning here; others are passed over, which is said.
  func list(_ inputs: [String], using columns: Set<CaseColumn> = []) throws -> CaseList? {
    guard let table else { return nil }
    guard inputs.isEmpty else {
      throw ValidationError("--cases names the scans; leave out \(inputs[0].printable)")
    }
    return try Self.scans(inTable: table, using: columns)
  }

  /// The patch folders that a table names as images, or those that the input means; `nil` where it means one, or none.
  func patchFolders(_ inputs: [String]) throws -> CaseList? {
    guard let table, let list = try list(inputs) else { return try PatchFolderSearch.cases(of: inputs[0]) }
    guard let first = list.first, !list.contains(where: { PatchFolderSearch.isPatchFolder($0.images[0]) })
    else { return list }
    throw VoxtileError(
      .invalidOption,
      "names no patch folder in its column image, such as crop makes: \(first.images[0]) holds no voxtile.json",
      context: .init(file: table, expected: "patch folders", found: first.images[0]))
  }

  /// Makes sure that there are inputs, one unless a table names them.
  func checkInputs(_ inputs: [String]) throws {
    if inputs.isEmpty, table == nil {
      throw ValidationError("there is no input; name a file, a folder of them, or a table with --cases")
    }
    guard inputs.count <= 1 else {
      throw ValidationError(
        "there are \(inputs.count) inputs; name one, the folder that holds them, or a pattern in quotes")
    }
  }

  /// The scans of a table; prints which columns are passed over.
  static func scans(inTable path: String, using columns: Set<CaseColumn>) throws -> CaseList {
    let table = try CaseTable(contentsOf: path)
    let unused = CaseColumn.allCases.filter { column in
      !columns.contains(column) && table.cases.contains { column.file(of: $0) != nil }
    }
    let passedOver = table.otherColumns + unused.map(\.rawValue)
    if !passedOver.isEmpty {
      Console.note(
        "\(path.printable) has columns that are passed over: \(passedOver.joined(separator: ", ").printable)")
    }
    var cases = table.cases
    cases.otherFiles = [path]
    return cases
  }
}

/// What a table of scans can name for each beside its images; not every command has a use for it.
enum CaseColumn: String, CaseIterable {
  case labels, mask

  /// The file that a scan has in this column.
  func file(of one: ScanCase) -> String? { self == .labels ? one.labels : one.mask }
}

/// Which scans are meant, where there are many.
struct CaseOptions: ParsableArguments {
  @OptionGroup var tables: CaseTableOptions

  @OptionGroup var folders: FolderOptions

  var table: String? { tables.table }

  /// How results are called.
  var naming: ResultNameOptions { folders.naming }

  /// Makes sure that there are inputs, one unless a table names them.
  func checkInputs(_ inputs: [String]) throws { try tables.checkInputs(inputs) }

  /// The scans that are meant; `nil` where the inputs are one image, or several of one.
  ///
  /// - Parameters:
  ///   - naming: which files of a folder are the channels of one scan.
  ///   - columns: which columns of a table beside those of images have a meaning here.
  func list(
    _ inputs: [String], naming: ChannelNaming, using columns: Set<CaseColumn> = []
  ) throws -> CaseList? {
    if let list = try tables.list(inputs, using: columns) { return list }
    return inputs.count == 1 ? try folders.list(inputs[0], naming: naming) : nil
  }

  /// Throws where options are given that only many scans have.
  func checkAreNotGiven() throws {
    let given = [("--name", naming.name != nil), ("--recursive", folders.search.recursive)]
    guard let option = given.first(where: \.1)?.0 else { return }
    throw ValidationError("\(option) is for many scans; name a folder of them, or a table with --cases")
  }
}

/// Many scans in a folder, or that a pattern matches, and how their results are called.
struct FolderOptions: ParsableArguments {
  @OptionGroup var search: SearchOptions

  @OptionGroup var naming: ResultNameOptions

  /// The scans that are meant; `nil` where the input is one image.
  ///
  /// - Parameter naming: which files of a folder are the channels of one scan.
  func list(_ input: String, naming: ChannelNaming = .single) throws -> CaseList? {
    try search.list(input, naming: naming)
  }
}

/// Many scans in a folder, or that a pattern matches.
struct SearchOptions: ParsableArguments {
  @Flag(
    help:
      "Also take the scans in folders inside the folder; results are written into folders of the same names.")
  var recursive = false

  /// The scans that are meant; `nil` where the input is one image.
  ///
  /// - Parameter naming: which files of a folder are the channels of one scan.
  func list(_ input: String, naming: ChannelNaming = .single) throws -> CaseList? {
    var search = CaseSearch()
    search.isRecursive = recursive
    search.naming = naming
    let probe = FormatProbe(input)
    let list: CaseList
    if probe.kind == .folder, !ImageFormats.registry.recognizes(input) {
      list = try search.cases(inFolder: input)
    } else if probe.kind == .missing, let pattern = CasePattern(input) {
      list = try search.cases(matching: pattern)
    } else {
      return nil
    }
    Self.say(list)
    return list
  }

  /// Prints what was concluded from the names of files, and what was passed over.
  private static func say(_ list: CaseList) {
    if let guess = list.guess { Console.note("cases    \(Console.count(list.count, "scan")): \(guess)") }
    say(list.passedOver, "other file", "passed over, since it is no image")
    say(list.unsearched, "other folder", "not searched without --recursive")
  }

  private static func say(_ paths: [String], _ thing: String, _ why: String) {
    guard let first = paths.first else { return }
    let others = paths.count > 1 ? " and \(Console.count(paths.count - 1, thing))" : ""
    Console.note("\(why): \(first.printable)\(others)")
  }
}

/// How the results of many scans are called.
struct ResultNameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What the results of each scan are called in the output folder; {case} stands for the scan's name, {kind} for the kind of "
        + "output (default: {case}).",
      valueName: "'{case}_seg'"))
  var name: String?

  /// How results are called.
  ///
  /// - Parameter ending: that of files whose name has none.
  func resultName(ending: String? = nil) throws -> ResultName {
    do {
      return try ResultName(name ?? "{case}", ending: ending)
    } catch let error {
      throw ValidationError("--name: \(error.message)")
    }
  }
}

/// Which files are the channels of one scan.
struct ChannelOptions: ParsableArguments {
  @Option(
    name: .customLong("channels"),
    help: ArgumentHelp(
      "Which files of a folder are the channels of one scan: those whose names end in _0000, _0001 (nnunet), in endings that you "
        + "give in order, such as _t1,_t2,_flair, or none, since each file is a scan (each). By default nnunet where all names are "
        + "like that and the network takes as many channels.",
      valueName: "nnunet|each|_t1,_t2"))
  var naming: ChannelNamingArgument?

  @Flag(name: .customLong("as-channels"), help: "Several files are the channels of one scan.")
  var asChannels = false

  @Flag(name: .customLong("as-cases"), help: "Several files are a scan each.")
  var asCases = false

  /// The options that were given.
  var given: [String] {
    [("--channels", naming != nil), ("--as-channels", asChannels), ("--as-cases", asCases)].filter(\.1).map(
      \.0)
  }

  func validate() throws {
    if asChannels, asCases {
      throw ValidationError("--as-channels and --as-cases contradict each other; leave one out")
    }
  }
}

/// `nnunet`, `each`, or endings joined by commas.
struct ChannelNamingArgument: ExpressibleByArgument {
  let naming: ChannelNaming

  init?(argument: String) {
    switch argument {
    case "nnunet": naming = .numbered
    case "each": naming = .single
    default:
      let endings = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      guard argument.contains(","), Set(endings).count == endings.count else { return nil }
      naming = .endings(endings)
    }
  }
}

/// How many scans are worked through.
struct CaseRunOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Go on with what an earlier run has left in the output folder: what is finished and was made from the same files with the "
        + "same settings stays."))
  var resume = false

  @Flag(
    name: .customLong("fail-fast"), help: "Stop at the first scan with an error, instead of doing the others."
  )
  var failFast = false

  @Flag(help: "Also write a page for each scan, beside its results.")
  var reports = false

  @Option(
    help: ArgumentHelp(
      "Do only a share of the scans, such as the second of eight. infer and merge also share out the patches of one scan whose "
        + "predictions are kept. auto takes the share from a job array of SLURM.",
      valueName: "2/8|auto"))
  var part: CasePartArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many scans are worked on at a time; they share the memory (default: 1).", valueName: "n"))
  var parallel: Int?

  func validate() throws {
    if let parallel, !(1...64).contains(parallel) {
      throw ValidationError("--parallel \(parallel) is out of range; use 1 to 64")
    }
  }

  /// Throws where older results are to be kept and to be replaced.
  func checkFits(_ replacing: ReplaceOptions) throws {
    guard resume, replacing.force else { return }
    throw ValidationError("--resume keeps what is finished, and --force makes it again; leave one out")
  }

  /// Throws where options are given that only many scans have.
  ///
  /// - Parameter allowed: options that one scan has, too.
  func checkAreNotGiven(but allowed: String...) throws {
    let given: [(String, Bool)] = [
      ("--resume", resume), ("--fail-fast", failFast), ("--part", part != nil),
      ("--parallel", parallel != nil),
      ("--reports", reports),
    ]
    guard let option = given.first(where: { $0.1 && !allowed.contains($0.0) }) else { return }
    throw ValidationError("\(option.0) is for many scans; name a folder of them, or a table with --cases")
  }
}

/// `2/8`, or `auto` for what a job array says.
struct CasePartArgument: ExpressibleByArgument {
  let text: String

  init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard argument == "auto" || argument.hasPrefix("auto/") || (numbers.count == 2 && !numbers.contains(nil))
    else { return nil }
    text = argument
  }
}
