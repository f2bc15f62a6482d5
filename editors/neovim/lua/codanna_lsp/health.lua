--- :checkhealth codanna_lsp

local client = require("codanna_lsp.client")

local M = {}

local OLDEST = "0.10"

local function check_neovim()
  if vim.fn.has("nvim-" .. OLDEST) == 0 then
    vim.health.error("Neovim " .. OLDEST .. " or newer is needed")
  elseif vim.lsp.enable then
    vim.health.ok("Neovim " .. tostring(vim.version()))
  else
    vim.health.ok("Neovim " .. tostring(vim.version()) .. ': started by require("codanna_lsp").setup()')
  end
end

local ENABLE = 'vim.lsp.enable("codanna_lsp"), or require("codanna_lsp").setup() in Neovim 0.10'

-- Asks for the version without what would start it.
local function version_command(cmd)
  local asked = {}
  for _, word in ipairs(cmd) do
    if word == "serve" then break end
    table.insert(asked, word)
  end
  table.insert(asked, "--version")
  return asked
end

local function check_server()
  local config = vim.lsp.config and vim.lsp.config[client.name] or client.fallback_config
  local cmd = config and config.cmd
  if client.is_enabled() == false or not cmd then
    vim.health.warn("not enabled: no file starts the server", { ENABLE })
  end
  if type(cmd) ~= "table" then
    if cmd then vim.health.info("`cmd` is a function of yours") end
    return
  end
  if vim.fn.executable(cmd[1]) == 0 then
    vim.health.error(("there is no program %q"):format(cmd[1]), {
      "pip install codanna-lsp, or pipx install codanna-lsp",
      'or name it: vim.lsp.config("codanna_lsp", { cmd = { "/path/to/codanna-lsp" } })',
    })
    return
  end
  local lost = client.lost_interpreter(cmd[1])
  if lost then
    vim.health.error(("%s is run by %s, which is not there"):format(vim.fn.exepath(cmd[1]), lost), {
      "its environment was moved or removed: install codanna-lsp anew",
    })
    return
  end
  local asked, process = pcall(vim.system, version_command(cmd), { text = true, timeout = 10000 })
  local told = asked and process:wait() or { code = 1, stderr = tostring(process) }
  local version = vim.trim(told.stdout or "")
  if told.code == 0 and client.is_too_old(version:match("[%d.]+")) then
    vim.health.error(("%s: %s, and this plugin needs %s or newer"):format(cmd[1], version, client.oldest_server), {
      "pip install --upgrade codanna-lsp",
    })
  elseif told.code == 0 then
    vim.health.ok(vim.fn.exepath(cmd[1]) .. ": " .. version)
  else
    vim.health.error(("%s --version ended with %d"):format(cmd[1], told.code), { vim.trim(told.stderr or "") })
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = client.name })
  if #clients == 0 then
    vim.health.info("no server runs: open a file of " .. table.concat(client.filetypes, ", "))
  end
  for _, found in ipairs(clients) do
    local ask = vim.fn.has("nvim-0.11") == 1 and found.request_sync or function(self, ...) return self.request_sync(...) end
    local answer = ask(found, "codanna/status", vim.empty_dict(), 2000, 0)
    if not answer or not answer.result then
      vim.health.error("the server does not answer", { ":LspCodannaRestart" })
      return
    end
    local state = client.state(found.id)
    local say = ({ warning = vim.health.warn, error = vim.health.error })[state.health] or vim.health.ok
    say(table.concat(require("codanna_lsp").describe(answer.result), "\n"))
  end
end

function M.check()
  vim.health.start("codanna-lsp")
  check_neovim()
  check_server()
  check_clients()
  vim.health.info("log: " .. require("vim.lsp.log").get_filename())
end

return M
