--- What users call: setup, the text for a statusline, and the commands.

local client = require("codanna_lsp.client")

local M = {}

--- Neovim 0.10 has no `vim.lsp.enable`: a file of ours starts the server, or joins it.
local function start_by_autocommand(given)
  local config = vim.tbl_deep_extend("force", { name = client.name }, given)
  client.fallback_config = vim.deepcopy(config)
  config.root_markers = nil
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup("codanna_lsp_start", {}),
    pattern = config.filetypes,
    callback = function(event)
      if vim.bo[event.buf].buftype ~= "" then return end
      client.root_dir(event.buf, function(root)
        local here = vim.tbl_extend("force", config, { root_dir = root or vim.NIL })
        if root == nil then here.root_dir = nil end
        vim.lsp.start(here, { bufnr = event.buf })
      end)
    end,
  })
end

--- Configure and start: `opts` is laid over lsp/codanna_lsp.lua. With Neovim 0.11 or
--- newer `vim.lsp.config` and `vim.lsp.enable` do the same.
function M.setup(opts)
  if vim.lsp.enable then
    vim.lsp.config(client.name, opts or {})
    vim.lsp.enable(client.name)
    return
  end
  local here = debug.getinfo(1, "S").source:sub(2)
  local shipped = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(here))) .. "/lsp/codanna_lsp.lua"
  local config = vim.tbl_deep_extend("force", dofile(shipped), opts or {})
  config.capabilities =
    vim.tbl_deep_extend("force", vim.lsp.protocol.make_client_capabilities(), config.capabilities or {})
  start_by_autocommand(config)
end

--- For a statusline: "codanna: ready", or what goes on; "" where it does not serve.
function M.status(bufnr)
  local found = vim.lsp.get_clients({ name = client.name, bufnr = bufnr or 0 })[1]
  if not found then return "" end
  local state = client.state(found.id)
  local word = "ready"
  if not state.quiescent then
    local doing = { ok = "indexing", warning = "repairing", error = "rebuilding" }
    word = doing[state.health] or "indexing"
    if state.percentage then word = ("%s %d%%"):format(word, state.percentage) end
  elseif state.health ~= "ok" then
    word = state.health == "error" and "damaged" or "warning"
  end
  return "codanna: " .. word
end

-- Whether there is anybody to ask; the answer comes to `done`.
local function request(method, params, done)
  local found = client.find()
  if not found then
    client.notify("codanna-lsp does not serve this file: see :checkhealth codanna_lsp", vim.log.levels.WARN)
    return false
  end
  local function answered(err, result)
    if err then
      client.notify("codanna-lsp: " .. err.message, vim.log.levels.ERROR)
    else
      done(result)
    end
  end
  if vim.fn.has("nvim-0.11") == 1 then
    found:request(method, params, answered)
  else
    found.request(method, params, answered)
  end
  return true
end

--- What codanna/status tells, in lines.
---@return string[]
function M.describe(status)
  local lines = { ("%s %s: %s%s"):format(status.name, status.version, status.state:lower(), status.partial and ", answers are partial" or "") }
  for _, root in ipairs(status.roots) do
    table.insert(lines, ("%s: %d files, %d symbols, generation %d"):format(root.name, root.files, root.symbols, root.generation))
    if root.folder ~= "" then table.insert(lines, "  index in " .. root.folder) end
    for _, key in ipairs({ "reason", "narrow", "hidden", "fallback", "watchTrouble" }) do
      if (root[key] or "") ~= "" then table.insert(lines, "  " .. root[key]) end
    end
    if root.skippedCount > 0 then table.insert(lines, ("  %d files are not indexed"):format(root.skippedCount)) end
    for _, incident in ipairs(root.incidents) do
      table.insert(lines, "  " .. incident.message)
    end
  end
  return lines
end

local function show_status()
  request("codanna/status", vim.empty_dict(), function(status)
    vim.api.nvim_echo({ { table.concat(M.describe(status), "\n") } }, true, {})
  end)
end

-- `done` gives the message, and its level when it is no good news.
local function execute(command, done)
  return request("workspace/executeCommand", { command = command }, function(result)
    local text, level = done(result)
    client.notify("codanna-lsp: " .. text, level or vim.log.levels.INFO)
  end)
end

local function repair()
  execute("codanna.repair", function(roots)
    local problems = {}
    for _, root in ipairs(roots) do
      if not root.repaired then return "the index could not be written; see the log", vim.log.levels.ERROR end
      vim.list_extend(problems, root.problems or {})
    end
    return #problems > 0 and "the index was repaired" or "nothing was damaged"
  end)
end

local function rebuild()
  if execute("codanna.rebuild", function() return "the index was rebuilt" end) then
    client.notify("codanna-lsp: the index is being rebuilt", vim.log.levels.INFO)
  end
end

--- The commands of plugin/codanna_lsp.lua, by name.
M.commands = {
  LspCodannaStatus = { show_status, "What codanna-lsp's index holds, and what was repaired" },
  LspCodannaRepair = { repair, "Mend what is damaged in codanna-lsp's index" },
  LspCodannaRebuild = { rebuild, "Build codanna-lsp's index anew from the sources" },
  LspCodannaRestart = { client.restart, "Start codanna-lsp anew" },
}

return M
